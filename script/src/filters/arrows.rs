//! Filters that call an arrow function for every value.

use minijinja::Value;

use crate::engine::arrow;
use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};
use crate::lang::{compare, walk};

pub(crate) const FILTERS: &[Entry] = &[
    entry("map", &["value", "arrow"], 2, map),
    entry("filter", &["value", "arrow"], 2, filter),
    entry("reduce", &["value", "arrow", "initial"], 2, reduce),
    entry("find", &["value", "arrow"], 2, find),
];

/// `list|map(v => …)`, `map|map((v, k) => …)`: what the function makes of every value; the keys stay.
/// `[1, 2]|map(v => v * 2)` is `[2, 4]`. Of anything but a list or a map it is an empty list.
fn map(call: &Call<'_, '_, '_>) -> Outcome {
    let value = call.arg(0);
    call.charge(walk::size(value))?;
    let mut mapped = Vec::new();
    for (key, item) in walk::pairs(value) {
        let made = arrow::call(call.state, call.arg(1), vec![item, key.clone()])?;
        walk::check_depth(call.state, &made)?;
        mapped.push((key, made));
    }
    Ok(walk::from_pairs(mapped))
}

/// `list|filter(v => …)`, `map|filter((v, k) => …)`: the values for which the function says yes, with their keys: a list
/// that lost a value in its middle becomes a map. `[1, 2, 3]|filter(v => v > 1)|join(",")` is `2,3`.
fn filter(call: &Call<'_, '_, '_>) -> Outcome {
    let value = iterable(call)?;
    let mut kept = Vec::new();
    for (key, item) in walk::pairs(value) {
        let answer = arrow::call(call.state, call.arg(1), vec![item.clone(), key.clone()])?;
        if compare::is_true(&answer) {
            kept.push((key, item));
        }
    }
    Ok(walk::from_pairs(kept))
}

/// `list|reduce((carry, v, k) => …, initial = null)`: what the function makes of the result so far and every value in
/// turn. `[1, 2, 3]|reduce((sum, v) => sum + v, 0)` is `6`.
fn reduce(call: &Call<'_, '_, '_>) -> Outcome {
    let value = iterable(call)?;
    let mut carry = match call.given(2) {
        Some(initial) => initial.clone(),
        None => Value::from(()),
    };
    for (key, item) in walk::pairs(value) {
        carry = arrow::call(call.state, call.arg(1), vec![carry, item, key])?;
    }
    Ok(carry)
}

/// `list|find(v => …)`: the first value for which the function says yes; null where there is none.
/// `[1, 2, 3]|find(v => v > 1)` is `2`.
fn find(call: &Call<'_, '_, '_>) -> Outcome {
    let value = iterable(call)?;
    for (key, item) in walk::pairs(value) {
        let answer = arrow::call(call.state, call.arg(1), vec![item.clone(), key])?;
        if compare::is_true(&answer) {
            return Ok(item);
        }
    }
    Ok(Value::from(()))
}

fn iterable<'a>(call: &Call<'a, '_, '_>) -> Result<&'a Value, minijinja::Error> {
    let value = call.arg(0);
    if !walk::is_container(value) {
        return Err(call.wrong(0, "must be a list or a map"));
    }
    call.charge(walk::size(value))?;
    Ok(value)
}
