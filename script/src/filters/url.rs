//! URLs.

use minijinja::Value;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::lang::call::{Call, Outcome};
use crate::lang::compare::is_nothing;
use crate::lang::registry::{Entry, entry};
use crate::lang::{text, walk};

pub(crate) const FILTERS: &[Entry] = &[entry("url_encode", &["value"], 1, url_encode)];

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Text with everything but the unreserved characters of RFC 3986 percent-encoded.
pub(crate) fn percent(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// `value|url_encode`: percent-encoded; a map becomes a query string, nested lists and maps with their keys in brackets.
/// `{a: "x y", b: 1}|url_encode` is `a=x%20y&b=1`.
fn url_encode(call: &Call<'_, '_, '_>) -> Outcome {
    let value = call.arg(0);
    if !walk::is_container(value) {
        return Ok(Value::from(percent(&call.text(0)?)));
    }
    call.weigh(0)?;
    let mut fields = Vec::new();
    for (key, value) in walk::pairs(value) {
        field(&mut fields, &percent(&text::of(&key)), &value);
    }
    Ok(Value::from(fields.join("&")))
}

fn field(fields: &mut Vec<String>, name: &str, value: &Value) {
    if walk::is_container(value) {
        for (key, value) in walk::pairs(value) {
            field(
                fields,
                &format!("{name}%5B{}%5D", percent(&text::of(&key))),
                &value,
            );
        }
    } else if !is_nothing(value) {
        let value = match value.kind() {
            minijinja::value::ValueKind::Bool => if value.is_true() { "1" } else { "0" }.into(),
            _ => text::of(value),
        };
        fields.push(format!("{name}={}", percent(&value)));
    }
}
