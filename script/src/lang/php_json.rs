//! JSON text as PHP's `json_encode` spells it.

use std::fmt::Write;

use serde_json::Value;

/// The options of `json_encode` that change the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options(i64);

const HEX_TAG: i64 = 1;
const HEX_AMP: i64 = 2;
const HEX_APOS: i64 = 4;
const HEX_QUOT: i64 = 8;
const UNESCAPED_SLASHES: i64 = 64;
const PRETTY_PRINT: i64 = 128;
const UNESCAPED_UNICODE: i64 = 256;
const PRESERVE_ZERO_FRACTION: i64 = 1024;

type Changed = fn(char) -> bool;

/// The options that change how a text is written, and what they change in it.
pub(crate) const ESCAPES: [(i64, Changed); 6] = [
    (HEX_TAG, |letter| matches!(letter, '<' | '>')),
    (HEX_AMP, |letter| letter == '&'),
    (HEX_APOS, |letter| letter == '\''),
    (HEX_QUOT, |letter| letter == '"'),
    (UNESCAPED_SLASHES, |letter| letter == '/'),
    (UNESCAPED_UNICODE, |letter| !letter.is_ascii()),
];

/// A text as the content of a JSON string.
pub(crate) fn escaped(text: &str, options: i64) -> String {
    let mut out = String::with_capacity(text.len());
    content(&mut out, text, Options(options));
    out
}

impl Options {
    pub(crate) fn new(bits: i64) -> Self {
        Self(bits)
    }

    fn has(self, bit: i64) -> bool {
        self.0 & bit != 0
    }
}

/// Writes a value. `level` is how deep it stands.
pub(crate) fn write(out: &mut String, value: &Value, options: Options, level: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => number_text(out, number, options),
        Value::String(text) => quoted(out, text, options),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Object(members) if members.is_empty() => out.push_str("{}"),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(out, index, options, level + 1);
                write(out, item, options, level + 1);
            }
            line(out, options, level);
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, (key, item)) in members.iter().enumerate() {
                separate(out, index, options, level + 1);
                quoted(out, key, options);
                out.push_str(if options.has(PRETTY_PRINT) { ": " } else { ":" });
                write(out, item, options, level + 1);
            }
            line(out, options, level);
            out.push('}');
        }
    }
}

fn separate(out: &mut String, index: usize, options: Options, level: usize) {
    if index > 0 {
        out.push(',');
    }
    line(out, options, level);
}

fn line(out: &mut String, options: Options, level: usize) {
    if options.has(PRETTY_PRINT) {
        out.push('\n');
        for _ in 0..level {
            out.push_str("    ");
        }
    }
}

fn number_text(out: &mut String, number: &serde_json::Number, options: Options) {
    match number.as_f64() {
        Some(float) if number.is_f64() => {
            let text = super::number::shortest(float);
            out.push_str(&text);
            if options.has(PRESERVE_ZERO_FRACTION) && !text.contains(['.', 'e']) {
                out.push_str(".0");
            }
        }
        _ => out.push_str(&number.to_string()),
    }
}

fn quoted(out: &mut String, text: &str, options: Options) {
    out.push('"');
    content(out, text, options);
    out.push('"');
}

fn content(out: &mut String, text: &str, options: Options) {
    for letter in text.chars() {
        match letter {
            '"' if options.has(HEX_QUOT) => out.push_str("\\u0022"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' if !options.has(UNESCAPED_SLASHES) => out.push_str("\\/"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' if options.has(HEX_TAG) => out.push_str("\\u003C"),
            '>' if options.has(HEX_TAG) => out.push_str("\\u003E"),
            '&' if options.has(HEX_AMP) => out.push_str("\\u0026"),
            '\'' if options.has(HEX_APOS) => out.push_str("\\u0027"),
            '\u{2028}' | '\u{2029}' => units(out, letter),
            control if u32::from(control) < 0x20 => units(out, control),
            other if other.is_ascii() || options.has(UNESCAPED_UNICODE) => out.push(other),
            other => units(out, other),
        }
    }
}

fn units(out: &mut String, letter: char) {
    let mut units = [0_u16; 2];
    for unit in letter.encode_utf16(&mut units) {
        // A `String` takes whatever is written to it.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &Value, options: i64) -> String {
        let mut out = String::new();
        write(&mut out, value, Options::new(options), 0);
        out
    }

    #[test]
    fn slashes_and_letters_beyond_ascii_are_escaped_unless_the_options_say_otherwise() {
        let value = serde_json::json!({"a/b": "é🦀\"", "n": 1.0, "l": [], "f": 0.1});
        assert_eq!(
            text(&value, 0),
            r#"{"a\/b":"\u00e9\ud83e\udd80\"","n":1,"l":[],"f":0.1}"#
        );
        assert_eq!(
            text(&value, 64 + 256),
            r#"{"a/b":"é🦀\"","n":1,"l":[],"f":0.1}"#
        );
        assert_eq!(
            text(&serde_json::json!([1, {"a": 2}]), 128),
            "[\n    1,\n    {\n        \"a\": 2\n    }\n]"
        );
        assert_eq!(text(&serde_json::json!(1e25), 0), "1.0e+25");
    }
}
