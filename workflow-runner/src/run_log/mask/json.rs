//! JSON, also where it was cut off or is not quite JSON: the text is read from left to right, without recursion, and
//! what follows a name that says that a secret follows is left out, to the end of that value.

use super::MASK;
use super::names::{counts, secret_field};

/// How many texts within texts are read.
const DEEPEST: u8 = 3;

/// Masks the secret members of a JSON text.
pub(super) fn json(text: &str) -> String {
    within(text, 0)
}

fn within(text: &str, depth: u8) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('"') {
        let (before, quoted) = rest.split_at(at);
        out.push_str(before);
        let (literal, after) = split_text(quoted);
        let Some(value) = after_colon(after) else {
            out.push_str(&inside(literal, depth));
            rest = after;
            continue;
        };
        out.push_str(literal);
        rest = after;
        let name = decoded(literal);
        if !secret_field(&name) {
            continue;
        }
        let (colon, _) = after.split_at(after.len() - value.len());
        out.push_str(colon);
        let (kept, left) = masked(&name, value);
        out.push_str(kept);
        rest = left;
    }
    out.push_str(rest);
    out
}

/// What stands for a secret value, and what follows it.
fn masked<'a>(name: &str, value: &'a str) -> (&'a str, &'a str) {
    let (literal, after) = match value.chars().next() {
        None => return ("", ""),
        Some('"') => split_text(value),
        Some('{' | '[') => split_container(value),
        Some(_) => {
            let end = value.find([',', '}', ']', ' ', '\t', '\r', '\n']);
            value.split_at(end.unwrap_or(value.len()))
        }
    };
    let number = literal.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let plain = matches!(literal, "null" | "true" | "false") || (number && counts(name));
    (if plain { literal } else { "\"***\"" }, after)
}

/// A JSON text within a JSON text is masked like any other.
fn inside(literal: &str, depth: u8) -> String {
    if depth >= DEEPEST || !literal.contains("\\\"") {
        return literal.to_owned();
    }
    let Some(text) = read(literal) else {
        return literal.to_owned();
    };
    let masked = within(&text, depth + 1);
    if masked == text {
        return literal.to_owned();
    }
    serde_json::to_string(&masked).unwrap_or_else(|_| format!("\"{MASK}\""))
}

/// The text of a literal; where that was cut off, as far as it goes.
fn read(literal: &str) -> Option<String> {
    let ends = literal.char_indices().rev().map(|(at, _)| at);
    let whole = serde_json::from_str(literal).ok();
    // The cut may stand within an escape, of which two may make one letter.
    whole.or_else(|| {
        let mut ends = std::iter::once(literal.len()).chain(ends).take(12);
        ends.find_map(|end| serde_json::from_str(&format!("{}\"", literal.get(..end)?)).ok())
    })
}

/// A text that begins with a quotation mark, with its marks, and what follows it.
fn split_text(quoted: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, byte) in quoted.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return quoted.split_at(at + 1),
            _ => {}
        }
    }
    (quoted, "")
}

/// A list or map, and what follows it.
fn split_container(value: &str) -> (&str, &str) {
    let mut open = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => open += 1,
            b'}' | b']' if !quoted => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return value.split_at(at + 1);
                }
            }
            _ => {}
        }
    }
    (value, "")
}

/// What follows the colon, where one comes next.
fn after_colon(after: &str) -> Option<&str> {
    let value = after.trim_start().strip_prefix(':')?;
    Some(value.trim_start())
}

/// The text that a literal stands for; as it is written where that cannot be said.
fn decoded(literal: &str) -> String {
    serde_json::from_str(literal).unwrap_or_else(|_| literal.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::json;

    #[test]
    fn secret_members_are_masked_whatever_they_hold_and_however_deep() {
        for (text, masked) in [
            (
                r#"{"user":"ann","password":"x\"y"}"#,
                r#"{"user":"ann","password":"***"}"#,
            ),
            (
                r#"{"a":[{"Token" : "t"},{"b":1}]}"#,
                r#"{"a":[{"Token" : "***"},{"b":1}]}"#,
            ),
            (
                r#"{"secrets":{"a":["]}","b"]},"c":2}"#,
                r#"{"secrets":"***","c":2}"#,
            ),
            (
                r#"{"api_keys":["a","b"],"c":"d"}"#,
                r#"{"api_keys":"***","c":"d"}"#,
            ),
            (r#"{"pin":1234}"#, r#"{"pin":"***"}"#),
            (
                r#"{"token":null,"max_tokens":100}"#,
                r#"{"token":null,"max_tokens":100}"#,
            ),
            (r#"{"pass\u0077ord":"x"}"#, r#"{"pass\u0077ord":"***"}"#),
            (r#"["password","x"]"#, r#"["password","x"]"#),
            (r#"{"a":"password: x"}"#, r#"{"a":"password: x"}"#),
            (r#"{"note":"\"password\""}"#, r#"{"note":"\"password\""}"#),
        ] {
            assert_eq!(json(text), masked);
        }
    }

    #[test]
    fn what_was_cut_off_is_masked_to_its_end() {
        for (text, masked) in [
            (r#"{"a":1,"password":"hunt"#, r#"{"a":1,"password":"***""#),
            (r#"{"a":1,"password":"hunt\"#, r#"{"a":1,"password":"***""#),
            (r#"{"password":{"a":"hunt"#, r#"{"password":"***""#),
            (r#"{"password":"#, r#"{"password":"#),
            (r#"{"passw"#, r#"{"passw"#),
            (
                "{\"token\":\"a\"}\n{\"token\":\"b\"}",
                "{\"token\":\"***\"}\n{\"token\":\"***\"}",
            ),
        ] {
            assert_eq!(json(text), masked);
        }
    }

    #[test]
    fn json_within_a_text_is_masked_too() {
        let inner = r#"{"password":"hunter2"}"#;
        let outer = serde_json::json!({"raw": inner, "deep": serde_json::json!({"raw": inner}).to_string()});
        let masked = json(&outer.to_string());
        assert!(!masked.contains("hunter2"), "{masked}");
        assert!(serde_json::from_str::<serde_json::Value>(&masked).is_ok());
        let outer = outer.to_string();
        for end in 0..outer.len() {
            let masked = json(outer.get(..end).unwrap());
            assert!(!masked.contains("hunt"), "{masked}");
        }
    }
}
