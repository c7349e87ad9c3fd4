//! Escaping by name.

use minijinja::Value;

use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};
use crate::lang::text;

pub(crate) const FILTERS: &[Entry] = &[
    entry("escape", &["value", "strategy", "charset"], 1, escape),
    entry("raw", &["value"], 1, raw),
];

/// `text|escape(strategy = "html")`, also `e`: escapes for `html`, `html_attr`, `js`, `css` or `url`.
/// `"<b>"|escape` is `&lt;b&gt;`.
fn escape(call: &Call<'_, '_, '_>) -> Outcome {
    if call.arg(0).as_str().is_none() {
        return Ok(call.arg(0).clone());
    }
    let text = call.text(0)?;
    let strategy = call.text_or(1, "html")?;
    let escaped = escaped(&text, &strategy)
        .ok_or_else(|| call.wrong(1, "must be html, html_attr, js, css or url"))?;
    Ok(Value::from(escaped))
}

/// A text escaped by a strategy.
pub(crate) fn escaped(text: &str, strategy: &str) -> Option<String> {
    Some(match strategy {
        "html" => text::markup(text),
        "html_attr" => text.chars().map(in_attribute).collect(),
        "js" => text.chars().map(in_script).collect(),
        "css" => text.chars().map(in_style).collect(),
        "url" => super::url::percent(text),
        _ => return None,
    })
}

fn in_attribute(letter: char) -> String {
    match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | ',' | '.' | '-' | '_' => letter.to_string(),
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\t' | '\n' | '\r' => format!("&#x{:02X};", u32::from(letter)),
        control if control.is_ascii_control() => "&#xFFFD;".to_owned(),
        other if !other.is_ascii() => format!("&#x{:04X};", u32::from(other)),
        other => format!("&#x{:02X};", u32::from(other)),
    }
}

fn in_script(letter: char) -> String {
    match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | ',' | '.' | '_' => letter.to_string(),
        '\\' => "\\\\".to_owned(),
        '/' => "\\/".to_owned(),
        '\u{8}' => "\\b".to_owned(),
        '\u{c}' => "\\f".to_owned(),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        other => {
            let mut units = [0_u16; 2];
            other
                .encode_utf16(&mut units)
                .iter()
                .map(|unit| format!("\\u{unit:04X}"))
                .collect()
        }
    }
}

fn in_style(letter: char) -> String {
    if letter.is_ascii_alphanumeric() {
        letter.to_string()
    } else {
        format!("\\{:X} ", u32::from(letter))
    }
}

/// `value|raw`: as the last filter of a print, it turns escaping off for this value.
fn raw(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(call.arg(0).clone())
}
