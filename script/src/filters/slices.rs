//! Parts of lists, maps and texts.

use minijinja::Value;

use crate::lang::call::{Call, Outcome};
use crate::lang::number;
use crate::lang::registry::{Entry, entry};
use crate::lang::{text, walk};

pub(crate) const FILTERS: &[Entry] = &[
    entry(
        "slice",
        &["value", "start", "length", "preserve_keys"],
        2,
        slice,
    ),
    entry("first", &["value"], 1, first),
    entry("last", &["value"], 1, last),
    entry("reverse", &["value", "preserve_keys"], 1, reverse),
    entry(
        "batch",
        &["value", "size", "fill", "preserve_keys"],
        2,
        batch,
    ),
    entry("length", &["value"], 1, length),
];

/// `value|slice(start, length)`: a part of a list, map or text, also written `value[start:length]`. A negative `start`
/// counts from the end, a negative `length` leaves so many off the end. `"hello"|slice(1, 3)` is `ell`.
fn slice(call: &Call<'_, '_, '_>) -> Outcome {
    let start = call.whole_or(1, 0)?;
    let length = match call.given(2) {
        Some(_) => Some(call.whole_or(2, 0)?),
        None => None,
    };
    let value = call.arg(0);
    if walk::is_container(value) {
        let pairs = walk::pairs(value);
        call.charge(pairs.len() / 8)?;
        let (from, count) = part(pairs.len(), start, length);
        let kept = pairs.into_iter().skip(from).take(count).collect();
        return Ok(walk::from_pairs(kept, walk::is_map(value)));
    }
    let text = call.text(0);
    let (from, count) = part(text.chars().count(), start, length);
    Ok(Value::from(
        text.chars().skip(from).take(count).collect::<String>(),
    ))
}

/// Where a part begins and how long it is.
fn part(whole: usize, start: i64, length: Option<i64>) -> (usize, usize) {
    let whole = i64::try_from(whole).unwrap_or(i64::MAX);
    let from = if start < 0 {
        whole.saturating_add(start).max(0)
    } else {
        start.min(whole)
    };
    let end = match length {
        None => whole,
        Some(length) if length < 0 => whole.saturating_add(length),
        Some(length) => from.saturating_add(length).min(whole),
    };
    let size = |number: i64| usize::try_from(number).unwrap_or_default();
    (size(from), size(end.saturating_sub(from).max(0)))
}

/// `value|first`: the first value of a list or map, the first letter of a text.
fn first(call: &Call<'_, '_, '_>) -> Outcome {
    let value = call.arg(0);
    if walk::is_container(value) {
        call.charge(value.len().unwrap_or_default() / 8)?;
        return Ok(walk::values(value).into_iter().next().unwrap_or_default());
    }
    Ok(Value::from(
        text::of(value)
            .chars()
            .next()
            .map(String::from)
            .unwrap_or_default(),
    ))
}

/// `value|last`: the last value of a list or map, the last letter of a text.
fn last(call: &Call<'_, '_, '_>) -> Outcome {
    let value = call.arg(0);
    if walk::is_container(value) {
        call.charge(value.len().unwrap_or_default() / 8)?;
        return Ok(walk::values(value)
            .into_iter()
            .next_back()
            .unwrap_or_default());
    }
    Ok(Value::from(
        text::of(value)
            .chars()
            .next_back()
            .map(String::from)
            .unwrap_or_default(),
    ))
}

/// `value|reverse`: a list, map or text the other way round.
fn reverse(call: &Call<'_, '_, '_>) -> Outcome {
    let value = call.arg(0);
    if walk::is_container(value) {
        let mut pairs = walk::pairs(value);
        call.charge(pairs.len())?;
        pairs.reverse();
        return Ok(walk::from_pairs(pairs, walk::is_map(value)));
    }
    Ok(Value::from(call.text(0).chars().rev().collect::<String>()))
}

/// `list|batch(size, fill)`: lists of so many values each; the last one is filled up where `fill` was given.
/// `[1, 2, 3]|batch(2, 0)` is `[[1, 2], [3, 0]]`.
fn batch(call: &Call<'_, '_, '_>) -> Outcome {
    let size = call.number(1)?.as_f64().ceil();
    if size < 1.0 {
        return Err(call.wrong(1, "must be at least 1"));
    }
    let size = usize::try_from(number::Num::Float(size).as_i64()).unwrap_or(usize::MAX);
    let value = call.arg(0);
    let is_map = walk::is_map(value);
    let pairs = walk::pairs(value);
    call.charge(pairs.len())?;
    let mut batches: Vec<Vec<(Value, Value)>> = pairs.chunks(size).map(<[_]>::to_vec).collect();
    if let (Some(fill), Some(last)) = (call.given(2), batches.last_mut())
        && last.len() < size
    {
        let missing = size - last.len();
        call.charge(missing)?;
        let next = next_key(last);
        let keys = (next..)
            .take(missing)
            .map(|key| Value::from(key.to_string()));
        last.extend(keys.map(|key| (key, fill.clone())));
    }
    let batches: Vec<Value> = batches
        .into_iter()
        .map(|batch| walk::from_pairs(batch, is_map))
        .collect();
    // Each call nests the values one level deeper, and a loop may call without end.
    let batches = Value::from(batches);
    walk::check_depth(call.state, &batches)?;
    Ok(batches)
}

/// The number that a value added to a map without a key gets: one past the largest number among the keys.
fn next_key(pairs: &[(Value, Value)]) -> i64 {
    pairs
        .iter()
        .filter_map(|(key, _)| text::of(key).parse::<i64>().ok())
        .max()
        .map_or(0, |largest| largest.saturating_add(1))
}

/// `value|length`: how many values a list or map holds, how many letters a text has.
fn length(call: &Call<'_, '_, '_>) -> Outcome {
    walk::charge_text(call.state, call.arg(0))?;
    Ok(Value::from(walk::length(call.arg(0))))
}
