//! Lists and maps.

use std::cmp::Ordering;

use minijinja::{Error, Value};

use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry, variadic};
use crate::lang::{compare, walk};

pub(crate) const FILTERS: &[Entry] = &[
    entry("sort", &["value"], 1, sort),
    entry("keys", &["value"], 1, keys),
    variadic("merge", &["value", "other"], 1, merge),
    entry("column", &["value", "name", "index"], 2, column),
];

/// `list|sort`: from the smallest value to the largest; the keys of a map go with their values.
fn sort(call: &Call<'_, '_, '_>) -> Outcome {
    let value = call.arg(0);
    call.weigh(0)?;
    let mut pairs = walk::pairs(value);
    let steps = pairs.len().checked_ilog2().unwrap_or_default() + 1;
    call.charge(
        pairs
            .len()
            .saturating_mul(usize::try_from(steps).unwrap_or(1)),
    )?;
    sort_pairs(&mut pairs);
    Ok(walk::from_pairs(pairs, walk::is_map(value)))
}

/// A merge sort of our own: loose comparison is no total order, which the standard one may answer with a panic.
fn sort_pairs(pairs: &mut Vec<(Value, Value)>) {
    if pairs.len() < 2 {
        return;
    }
    let mut right = pairs.split_off(pairs.len() / 2);
    sort_pairs(pairs);
    sort_pairs(&mut right);
    let mut merged = Vec::with_capacity(pairs.len() + right.len());
    let mut left = std::mem::take(pairs).into_iter().peekable();
    let mut right = right.into_iter().peekable();
    while let (Some((_, left_value)), Some((_, right_value))) = (left.peek(), right.peek()) {
        if compare::order(left_value, right_value) == Some(Ordering::Greater) {
            merged.extend(right.next());
        } else {
            merged.extend(left.next());
        }
    }
    merged.extend(left);
    merged.extend(right);
    *pairs = merged;
}

/// `map|keys`: its keys; those of a list count from 0.
fn keys(call: &Call<'_, '_, '_>) -> Outcome {
    let pairs = walk::pairs(call.arg(0));
    call.charge(pairs.len())?;
    Ok(Value::from(
        pairs.into_iter().map(|(key, _)| key).collect::<Vec<_>>(),
    ))
}

/// `value|merge(other, …)`: two lists one after the other, or two maps in one, where the later value of a key wins.
/// `[1]|merge([2])` is `[1, 2]`.
fn merge(call: &Call<'_, '_, '_>) -> Outcome {
    let mut whole: Vec<(Value, Value)> = Vec::new();
    let mut is_map = false;
    for (index, value) in call.args.iter().enumerate() {
        if !walk::is_container(value) && !compare::is_nothing(value) {
            return Err(call.wrong(index, "must be a list or a map"));
        }
        let map = walk::is_map(value);
        is_map |= map && value.len() != Some(0);
        let pairs = walk::pairs(value);
        call.charge(pairs.len())?;
        whole.extend(pairs);
    }
    if !is_map {
        return Ok(walk::from_pairs(whole, false));
    }
    let mut next = 0_usize;
    let pairs = whole.into_iter().map(|(key, value)| {
        if key.is_integer() {
            next += 1;
            (Value::from((next - 1).to_string()), value)
        } else {
            (key, value)
        }
    });
    Ok(Value::from_pairs(pairs))
}

/// `list|column(name)`: the value of this name in every map of the list; maps without it are left out. With `index`, a
/// map from the values of that name.
fn column(call: &Call<'_, '_, '_>) -> Outcome {
    let values = walk::values(call.arg(0));
    let (name, index) = (name(call, 1)?, name(call, 2)?);
    let looked_up = [&name, &index].into_iter().flatten();
    let letters = looked_up.map(|name| name.as_str().map_or(0, str::len));
    let each = letters.sum::<usize>() / 64;
    call.charge(values.len().saturating_mul(each.saturating_add(1)))?;
    let found = values.iter().filter_map(|row| {
        let value = match &name {
            Some(name) => walk::item(row, name)?,
            None => row.clone(),
        };
        Some((row, value))
    });
    let Some(index) = &index else {
        return Ok(Value::from(
            found.map(|(_, value)| value).collect::<Vec<_>>(),
        ));
    };
    let mut pairs = Vec::new();
    for (place, (row, value)) in found.enumerate() {
        let key = walk::item(row, index).unwrap_or_else(|| Value::from(place));
        walk::weigh(call.state, &key)?;
        pairs.push((walk::key(&key), value));
    }
    Ok(Value::from_pairs(pairs))
}

/// The argument that names what is looked up in every row. A list or map becomes its text here, once.
fn name(call: &Call<'_, '_, '_>, argument: usize) -> Result<Option<Value>, Error> {
    let Some(name) = call.given(argument) else {
        return Ok(None);
    };
    walk::weigh(call.state, name)?;
    Ok(Some(if walk::is_container(name) {
        walk::key(name)
    } else {
        name.clone()
    }))
}
