//! Escaping by name, and taking markup away.

use minijinja::Value;

use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};
use crate::lang::{text, walk};

pub(crate) const FILTERS: &[Entry] = &[
    entry("escape", &["value", "strategy", "charset"], 1, escape),
    entry("raw", &["value"], 1, raw),
    entry("striptags", &["value", "allowable_tags"], 1, striptags),
    entry("nl2br", &["value"], 1, nl2br),
    entry("spaceless", &["value"], 1, spaceless),
];

/// `text|escape(strategy = "html")`, also `e`: escapes for `html`, `html_attr`, `js`, `css` or `url`.
/// `"<b>"|escape` is `&lt;b&gt;`.
fn escape(call: &Call<'_, '_, '_>) -> Outcome {
    if call.arg(0).as_str().is_none() && !walk::is_container(call.arg(0)) {
        return Ok(call.arg(0).clone());
    }
    let text = call.text(0);
    let strategy = call.text_or(1, "html");
    let escaped = match strategy.as_ref() {
        "html" => text::markup(&text),
        "html_attr" => text.chars().map(in_attribute).collect(),
        "js" => text.chars().map(in_script).collect(),
        "css" => text.chars().map(in_style).collect(),
        "url" => super::url::percent(&text),
        _ => return Err(call.wrong(1, "must be html, html_attr, js, css or url")),
    };
    Ok(Value::from(escaped))
}

fn in_attribute(letter: char) -> String {
    match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | ',' | '.' | '-' | '_' => letter.to_string(),
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\t' | '\n' | '\r' => format!("&#x{:02X};", u32::from(letter)),
        control if u32::from(control) < 0x20 || (0x7f..=0x9f).contains(&u32::from(control)) => {
            "&#xFFFD;".to_owned()
        }
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

/// `text|striptags(allowed)`: without its tags and comments, but for the allowed ones. `"<b>x</b>"|striptags` is `x`.
fn striptags(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0);
    let allowed = call.text(1).to_lowercase();
    Ok(Value::from(without_tags(&text, |name| {
        allowed.contains(&format!("<{name}>"))
    })))
}

/// A text without its tags, but for those whose name is `kept`.
pub(crate) fn without_tags(text: &str, kept: impl Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        if tag.starts_with(|next: char| next.is_whitespace()) || tag.is_empty() {
            out.push('<');
            rest = tag;
            continue;
        }
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let length = tag_length(tag);
        let (inside, after) = tag.split_at_checked(length).unwrap_or((tag, ""));
        let name: String = inside
            .trim_start_matches('/')
            .chars()
            .take_while(|letter| letter.is_alphanumeric())
            .collect();
        if kept(&name.to_lowercase()) {
            out.push('<');
            out.push_str(inside);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The bytes of a tag after its `<`, its `>` included; quotes hide a `>`.
fn tag_length(tag: &str) -> usize {
    let mut quote = None;
    for (place, letter) in tag.char_indices() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            (None, '>') => return place + 1,
            _ => {}
        }
    }
    tag.len()
}

/// `text|nl2br`: `<br />` before every line break; the text is escaped first unless `raw` or `escape` came before.
fn nl2br(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0);
    let text = text.replace("\r\n", "\n").replace('\n', "<br />\n");
    Ok(Value::from_safe_string(text))
}

/// `text|spaceless`: without the white space between tags and at the ends.
fn spaceless(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some((before, after)) = rest.split_once('>') {
        out.push_str(before);
        out.push('>');
        let next = after.trim_start();
        rest = if next.starts_with('<') { next } else { after };
    }
    out.push_str(rest);
    Ok(Value::from_safe_string(out))
}
