//! Parts of lists, maps and texts.

use minijinja::Value;

use crate::lang::call::{Call, Outcome};
use crate::lang::number;
use crate::lang::registry::{Entry, entry};
use crate::lang::{compare, text, walk};

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
        return Ok(moved(call, 3, kept));
    }
    let text = call.text(0)?;
    let (from, count) = part(text.chars().count(), start, length);
    Ok(Value::from(
        text.chars().skip(from).take(count).collect::<String>(),
    ))
}

/// What is left of the first argument: its whole-number keys count anew, unless the argument `preserve_keys` says no.
fn moved(call: &Call<'_, '_, '_>, preserve_keys: usize, pairs: Vec<(Value, Value)>) -> Value {
    let pairs = if compare::is_true(call.arg(preserve_keys)) {
        pairs
    } else {
        walk::counted_anew(pairs)
    };
    walk::from_pairs(pairs)
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

/// `value|first`: the first value of a list or map, false where there is none; the first letter of a text.
fn first(call: &Call<'_, '_, '_>) -> Outcome {
    let value = call.arg(0);
    if walk::is_container(value) {
        call.charge(value.len().unwrap_or_default() / 8)?;
        let first = walk::values(value).into_iter().next();
        return Ok(first.unwrap_or_else(|| Value::from(false)));
    }
    Ok(Value::from(
        text::of(value)
            .chars()
            .next()
            .map(String::from)
            .unwrap_or_default(),
    ))
}

/// `value|last`: the last value of a list or map, false where there is none; the last letter of a text.
fn last(call: &Call<'_, '_, '_>) -> Outcome {
    let value = call.arg(0);
    if walk::is_container(value) {
        call.charge(value.len().unwrap_or_default() / 8)?;
        let last = walk::values(value).into_iter().next_back();
        return Ok(last.unwrap_or_else(|| Value::from(false)));
    }
    Ok(Value::from(
        text::of(value)
            .chars()
            .next_back()
            .map(String::from)
            .unwrap_or_default(),
    ))
}

/// `value|reverse(preserve_keys = false)`: a list, map or text the other way round.
fn reverse(call: &Call<'_, '_, '_>) -> Outcome {
    let value = call.arg(0);
    if walk::is_container(value) {
        let mut pairs = walk::pairs(value);
        call.charge(pairs.len())?;
        pairs.reverse();
        return Ok(moved(call, 1, pairs));
    }
    Ok(Value::from(call.text(0)?.chars().rev().collect::<String>()))
}

/// `list|batch(size, fill, preserve_keys = true)`: lists of so many values each; the last one is filled up where `fill`
/// was given. The keys stay, so that all batches of a list but the first are maps, unless `preserve_keys` is false:
/// `[1, 2, 3]|batch(2, 0, false)` is `[[1, 2], [3, 0]]`.
fn batch(call: &Call<'_, '_, '_>) -> Outcome {
    let size = call.number(1)?.as_f64().ceil();
    if size < 1.0 {
        return Err(call.wrong(1, "must be at least 1"));
    }
    let size = usize::try_from(number::Num::Float(size).capped()).unwrap_or(usize::MAX);
    let value = call.arg(0);
    if !walk::is_container(value) {
        return Err(call.wrong(0, "must be a list or a map"));
    }
    let pairs = walk::pairs(value);
    call.charge(pairs.len())?;
    let keep = call.args.get(3).is_none_or(compare::is_true);
    let counted = |batch: &[(Value, Value)]| {
        let values = batch.iter().enumerate();
        values
            .map(|(index, (_, value))| (Value::from(index), value.clone()))
            .collect()
    };
    let mut batches: Vec<Vec<(Value, Value)>> = pairs
        .chunks(size)
        .map(|batch| if keep { batch.to_vec() } else { counted(batch) })
        .collect();
    if let (Some(fill), Some(last)) = (call.given(2), batches.last_mut())
        && last.len() < size
    {
        let missing = size - last.len();
        call.charge(missing)?;
        let next = next_key(last);
        let keys = (next..).take(missing).map(Value::from);
        last.extend(keys.map(|key| (key, fill.clone())));
    }
    let batches: Vec<Value> = batches.into_iter().map(walk::from_pairs).collect();
    // Each call nests the values one level deeper, and a loop may call without end.
    let batches = Value::from(batches);
    walk::check_depth(call.state, &batches)?;
    Ok(batches)
}

/// The number that a value added to a map without a key gets: one past the largest number among the keys.
fn next_key(pairs: &[(Value, Value)]) -> i64 {
    pairs
        .iter()
        .filter_map(|(key, _)| key.as_i64())
        .max()
        .map_or(0, |largest| largest.saturating_add(1))
}

/// `value|length`: how many values a list or map holds, how many letters a text has.
fn length(call: &Call<'_, '_, '_>) -> Outcome {
    walk::charge_text(call.state, call.arg(0))?;
    Ok(Value::from(walk::length(call.arg(0))))
}
