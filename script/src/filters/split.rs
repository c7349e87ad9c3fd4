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
    if !walk::is_container(call.arg(0)) {
        return Ok(Value::from(call.text(0).as_ref()));
    }
    let glue = call.text(1);
    let and = call.given(2).map(|and| walk::text(call.state, and));
    let values = walk::values(call.arg(0));
    call.charge(values.len())?;
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
    let text = call.text(0);
    let delimiter = call.text(1);
    call.charge_bytes(text.len().saturating_mul(8))?;
    let limit = match call.given(2) {
        Some(_) => Some(call.whole_or(2, 0)?),
        None => None,
    };
    if delimiter.is_empty() {
        return Ok(letters(&text, limit.unwrap_or(1)));
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

fn letters(text: &str, size: i64) -> Value {
    let size = usize::try_from(size).unwrap_or_default().max(1);
    let letters: Vec<char> = text.chars().collect();
    if letters.is_empty() {
        return Value::from(vec![""]);
    }
    Value::from(
        letters
            .chunks(size)
            .map(|chunk| chunk.iter().collect::<String>())
            .collect::<Vec<_>>(),
    )
}
