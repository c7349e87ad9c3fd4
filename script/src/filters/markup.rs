//! Markup: `striptags`, `nl2br`, `spaceless`.

use minijinja::Value;

use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};
use crate::lang::strip_tags::strip_tags;
use crate::lang::{text, walk};

pub(crate) const FILTERS: &[Entry] = &[
    entry("striptags", &["value", "allowable_tags"], 1, striptags),
    entry("nl2br", &["value"], 1, nl2br),
    entry("spaceless", &["value"], 1, spaceless),
];

/// `text|striptags(allowed)`: without its tags and comments, but for the allowed ones: `"<b><i>"` or `["b", "i"]`.
/// `"<b>x</b>"|striptags` is `x`.
fn striptags(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0)?;
    let allowed = if walk::is_container(call.arg(1)) {
        let names = walk::values(call.arg(1));
        let tags = names.iter().map(|name| format!("<{}>", text::of(name)));
        tags.collect()
    } else {
        call.text(1)?.into_owned()
    };
    Ok(Value::from(strip_tags(&text, &allowed.to_lowercase())))
}

/// `text|nl2br`: `<br />` before every line break; in HTML the text is escaped first, unless it is safe already.
fn nl2br(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0)?;
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(place) = rest.find(['\n', '\r']) {
        let (before, after) = rest.split_at_checked(place).unwrap_or((rest, ""));
        let pair = after.starts_with("\r\n") || after.starts_with("\n\r");
        let (line_break, after) = after
            .split_at_checked(if pair { 2 } else { 1 })
            .unwrap_or((after, ""));
        out.push_str(before);
        out.push_str("<br />");
        out.push_str(line_break);
        rest = after;
    }
    out.push_str(rest);
    Ok(Value::from(out))
}

/// White space between tags.
const BETWEEN: [char; 6] = [' ', '\t', '\n', '\u{b}', '\u{c}', '\r'];
/// White space at the ends.
const AROUND: [char; 6] = [' ', '\t', '\n', '\r', '\0', '\u{b}'];

/// `text|spaceless`: without the white space between tags and at the ends.
fn spaceless(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0)?;
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some((before, after)) = rest.split_once('>') {
        out.push_str(before);
        out.push('>');
        let next = after.trim_start_matches(BETWEEN);
        rest = if next.starts_with('<') { next } else { after };
    }
    out.push_str(rest);
    Ok(Value::from(out.trim_matches(AROUND)))
}
