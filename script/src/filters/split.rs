//! Text into lists and back.

use minijinja::Value;

use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};
use crate::lang::walk;

pub(crate) const FILTERS: &[Entry] = &[
    entry("join", &["value", "glue", "and"], 1, join),
    entry("split", &["value", "delimiter", "limit"], 2, split),
];

/// `list|join(glue = "", and = glue)`: the texts of the values with the glue between them; `and` stands before the last
/// one. `["a", "b"]|join(", ")` is `a, b`.
fn join(call: &Call<'_, '_, '_>) -> Outcome {
    let glue = call.text(1)?;
    let and = match call.given(2) {
        Some(_) => Some(call.text(2)?).filter(|and| *and != glue),
        None => None,
    };
    let values = match call.given(0) {
        None => Vec::new(),
        Some(value) if walk::is_container(value) => walk::values(value),
        Some(alone) => vec![alone.clone()],
    };
    call.charge(values.len())?;
    if let (Some(_), [alone]) = (&and, values.as_slice()) {
        return Ok(alone.clone());
    }
    let mut out = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            let last = index + 1 == values.len();
            match &and {
                Some(and) if last => out.push_str(and),
                _ => out.push_str(&glue),
            }
        }
        let part = walk::text(call.state, value);
        call.charge_bytes(glue.len().saturating_add(part.len()))?;
        out.push_str(&part);
    }
    Ok(Value::from(out))
}

/// `text|split(delimiter, limit)`: the parts between the delimiters. A positive `limit` leaves the rest in the last part,
/// a negative one drops so many parts at the end; an empty delimiter splits into letters, `limit` of them at a time.
/// `"a,b,c"|split(",", 2)` is `["a", "b,c"]`.
fn split(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0)?;
    let delimiter = call.text(1)?;
    call.charge_bytes(text.len().saturating_mul(8))?;
    let limit = match call.given(2) {
        Some(_) => Some(call.whole_or(2, 0)?),
        None => None,
    };
    if delimiter.is_empty() {
        return Ok(match limit {
            Some(size) if size > 1 => pieces(call.arg(0), &text, size),
            _ => letters(&text),
        });
    }
    let parts: Vec<&str> = match limit {
        None => text.split(delimiter.as_ref()).collect(),
        Some(limit) if limit >= 0 => {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX).max(1);
            text.splitn(limit, delimiter.as_ref()).collect()
        }
        Some(limit) => {
            let mut parts: Vec<&str> = text.split(delimiter.as_ref()).collect();
            let dropped = usize::try_from(limit.unsigned_abs()).unwrap_or(usize::MAX);
            parts.truncate(parts.len().saturating_sub(dropped));
            parts
        }
    };
    Ok(Value::from(
        parts.into_iter().map(Value::from).collect::<Vec<_>>(),
    ))
}

/// The letters of a text; a line break at its end stays with the letter before it.
fn letters(text: &str) -> Value {
    let (text, end) = match text.strip_suffix('\n') {
        Some(before) if !before.is_empty() => (before, "\n"),
        _ => (text, ""),
    };
    let mut letters: Vec<String> = text.chars().map(String::from).collect();
    match letters.last_mut() {
        Some(last) => last.push_str(end),
        None => letters.push(String::new()),
    }
    Value::from(letters)
}

/// The pieces of a text with so many letters each; the value itself where there are fewer.
fn pieces(value: &Value, text: &str, size: i64) -> Value {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let letters: Vec<char> = text.chars().collect();
    if letters.is_empty() {
        return Value::from(vec![""]);
    }
    if letters.len() < size {
        return Value::from(vec![value.clone()]);
    }
    Value::from(
        letters
            .chunks(size)
            .map(|chunk| chunk.iter().collect::<String>())
            .collect::<Vec<_>>(),
    )
}
