//! Values as text.

use std::borrow::Cow;
use std::fmt;

use minijinja::Value;
use minijinja::value::ValueKind;

use super::number::float_text;
use crate::json::json_text;

/// The text of a value: `1` for true, nothing for false, null and undefined, numbers as PHP prints them, and JSON for
/// lists and maps (where PHP has no more than the word `Array` to say). Weigh a list or map before: what stands in many
/// places is written in each.
pub(crate) fn of(value: &Value) -> Cow<'_, str> {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Cow::Borrowed(""),
        ValueKind::Bool => Cow::Borrowed(if value.is_true() { "1" } else { "" }),
        ValueKind::String => Cow::Borrowed(value.as_str().unwrap_or_default()),
        ValueKind::Number if value.is_integer() => Cow::Owned(value.to_string()),
        ValueKind::Number => {
            Cow::Owned(float_text(f64::try_from(value.clone()).unwrap_or_default()))
        }
        ValueKind::Bytes => String::from_utf8_lossy(value.as_bytes().unwrap_or_default()),
        _ => Cow::Owned(json_text(value, usize::MAX).unwrap_or_default()),
    }
}

/// Writes text as HTML or XML text: `&`, `<`, `>` and both quotes become entities.
pub(crate) fn write_markup(out: &mut impl fmt::Write, text: &str) -> fmt::Result {
    write_replaced(out, text, |letter| match letter {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#039;"),
        _ => None,
    })
}

/// Writes text with some ASCII letters replaced.
fn write_replaced(
    out: &mut impl fmt::Write,
    text: &str,
    replace: impl Fn(char) -> Option<&'static str>,
) -> fmt::Result {
    let mut rest = text;
    while let Some((place, with)) = rest
        .char_indices()
        .find_map(|(place, letter)| replace(letter).map(|with| (place, with)))
    {
        let (before, after) = rest.split_at_checked(place).unwrap_or((rest, ""));
        out.write_str(before)?;
        out.write_str(with)?;
        rest = after.get(1..).unwrap_or_default();
    }
    out.write_str(rest)
}

/// Writes text as the content of a JSON string. `<` is written as `\u003c`, so that no `</script>` comes out of a
/// JSON text that stands in a page.
pub(crate) fn write_json_string(out: &mut impl fmt::Write, text: &str) -> fmt::Result {
    let mut rest = text;
    while let Some(place) = rest
        .bytes()
        .position(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\' | b'<'))
    {
        let (before, after) = rest.split_at_checked(place).unwrap_or((rest, ""));
        out.write_str(before)?;
        match after.bytes().next() {
            Some(b'"') => out.write_str("\\\"")?,
            Some(b'\\') => out.write_str("\\\\")?,
            Some(b'\n') => out.write_str("\\n")?,
            Some(b'\r') => out.write_str("\\r")?,
            Some(b'\t') => out.write_str("\\t")?,
            Some(other) => write!(out, "\\u{other:04x}")?,
            None => {}
        }
        rest = after.get(1..).unwrap_or_default();
    }
    out.write_str(rest)
}

/// Writes a value as a JSON value: undefined as null, text quoted.
pub(crate) fn write_json_value(out: &mut impl fmt::Write, value: &Value) -> fmt::Result {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => out.write_str("null"),
        ValueKind::Bool => out.write_str(if value.is_true() { "true" } else { "false" }),
        ValueKind::Number => match crate::json::value_to_number(value) {
            Some(number) => write!(out, "{number}"),
            None => out.write_str("null"),
        },
        ValueKind::String => {
            out.write_char('"')?;
            write_json_string(out, value.as_str().unwrap_or_default())?;
            out.write_char('"')
        }
        _ => {
            let text = json_text(value, usize::MAX).unwrap_or_default();
            out.write_str(&text.replace('<', "\\u003c"))
        }
    }
}

/// Text as HTML text.
pub(crate) fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // A `String` takes whatever is written to it.
    let _ = write_markup(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_print_as_twig_prints_them() {
        assert_eq!(of(&Value::from(true)), "1");
        assert_eq!(of(&Value::from(false)), "");
        assert_eq!(of(&Value::from(())), "");
        assert_eq!(of(&Value::UNDEFINED), "");
        assert_eq!(of(&Value::from(1.0)), "1");
        assert_eq!(of(&Value::from(vec![1, 2])), "[1,2]");
    }

    #[test]
    fn markup_escapes_both_quotes() {
        assert_eq!(
            markup("<a href='x'>\"&é</a>"),
            "&lt;a href=&#039;x&#039;&gt;&quot;&amp;é&lt;/a&gt;"
        );
    }

    #[test]
    fn a_json_string_parses_back_to_the_same_text() {
        let text = "\" \\ \n \r \t \u{0} \u{1f} </script> \u{2028} é 🦀";
        let mut out = String::new();
        write_json_value(&mut out, &Value::from(text)).unwrap();
        assert!(!out.contains('<'));
        assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
    }
}
