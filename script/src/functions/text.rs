//! Text: `truncate`, `htmlToText`, `extractEmails`.

use std::collections::HashSet;
use std::sync::LazyLock;

use minijinja::Value;
use regex::Regex;

use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};
use crate::lang::strip_tags::strip_tags;

pub(crate) const FUNCTIONS: &[Entry] = &[
    entry("truncate", &["text", "length", "ending"], 1, truncate),
    entry("htmlToText", &["html"], 1, html_to_text),
    entry("extractEmails", &["text"], 1, extract_emails),
];

/// `truncate(text, length = 100, ending = "...")`: the first letters of a text, with the ending where something was cut off.
/// `truncate("hello world", 5)` is `hello...`.
fn truncate(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0)?;
    let length = usize::try_from(call.whole_or(1, 100)?.max(0)).unwrap_or_default();
    match text.char_indices().nth(length) {
        None => Ok(Value::from(text.as_ref())),
        Some((end, _)) => {
            let kept = text.get(..end).unwrap_or_default().trim_end();
            Ok(Value::from(format!("{kept}{}", call.text_or(2, "...")?)))
        }
    }
}

/// Tags that end a line of text.
const BREAKS: [&str; 14] = [
    "br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table",
];

/// `htmlToText(html)`: the text of a page: without tags, scripts and styles, with line breaks where blocks end, and with
/// entities as the letters that they stand for.
fn html_to_text(call: &Call<'_, '_, '_>) -> Outcome {
    let html = call.text(0)?;
    call.charge_bytes(html.len().saturating_mul(4))?;
    let mut broken = String::with_capacity(html.len());
    let visible = without_element(&without_element(&html, "script"), "style");
    for piece in visible.split_inclusive('>') {
        broken.push_str(piece);
        let name: String = piece
            .rsplit('<')
            .next()
            .unwrap_or_default()
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let closes = piece.contains("</") || name.eq_ignore_ascii_case("br");
        if closes && BREAKS.contains(&name.to_lowercase().as_str()) {
            broken.push('\n');
        }
    }
    let text = entities(&strip_tags(&broken, ""));
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    Ok(Value::from(lines.join("\n").trim()))
}

/// A page without the elements of a name and what stands in them.
fn without_element(html: &str, name: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let (opening, closing) = (format!("<{name}"), format!("</{name}"));
    let mut out = String::with_capacity(html.len());
    let mut at = 0;
    while let Some(start) = lower
        .get(at..)
        .and_then(|rest| rest.find(&opening))
        .map(|start| start + at)
    {
        out.push_str(html.get(at..start).unwrap_or_default());
        let end = lower.get(start..).and_then(|rest| {
            let close = rest.find(&closing)?;
            Some(start + close + rest.get(close..)?.find('>')? + 1)
        });
        at = end.unwrap_or(html.len());
    }
    out.push_str(html.get(at..).unwrap_or_default());
    out
}

fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let end = after.bytes().take(11).position(|byte| byte == b';');
        let named = end.and_then(|end| Some((after.get(..end)?, after.get(end + 1..)?)));
        match named.and_then(|(name, tail)| Some((entity(name)?, tail))) {
            Some((letter, tail)) => {
                out.push(letter);
                rest = tail;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "euro" => '€',
        "pound" => '£',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "laquo" => '«',
        "raquo" => '»',
        "middot" => '·',
        "bull" => '•',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "eacute" => 'é',
        "egrave" => 'è',
        _ => return None,
    })
}

static EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+").ok()
});

/// `extractEmails(text)`: the e-mail addresses in a text, in order, each once.
fn extract_emails(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0)?;
    call.charge_bytes(text.len().saturating_mul(4))?;
    let mut found: Vec<&str> = Vec::new();
    let mut known = HashSet::new();
    for address in EMAIL.iter().flat_map(|pattern| pattern.find_iter(&text)) {
        let address = address.as_str().trim_start_matches('.');
        if known.insert(address) {
            found.push(address);
        }
    }
    Ok(Value::from(
        found.into_iter().map(Value::from).collect::<Vec<_>>(),
    ))
}
