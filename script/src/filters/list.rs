//! Lists and maps.

use minijinja::{Error, Value};

use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry, variadic};
use crate::lang::walk;

pub(crate) const FILTERS: &[Entry] = &[
    entry("keys", &["value"], 1, keys),
    variadic("merge", &["value", "other"], 1, merge),
    entry("column", &["value", "name", "index"], 2, column),
];

/// `map|keys`: its keys; those of a list count from 0.
fn keys(call: &Call<'_, '_, '_>) -> Outcome {
    let pairs = walk::pairs(call.arg(0));
    call.charge(pairs.len())?;
    Ok(Value::from(
        pairs.into_iter().map(|(key, _)| key).collect::<Vec<_>>(),
    ))
}

/// `value|merge(other, …)`: two lists one after the other, or two maps in one, where the later value of a key wins. Whole
/// numbers as keys are counted anew. `[1]|merge([2])` is `[1, 2]`.
fn merge(call: &Call<'_, '_, '_>) -> Outcome {
    let mut whole: Vec<(Value, Value)> = Vec::new();
    for (index, value) in call.args.iter().enumerate() {
        if !walk::is_container(value) {
            return Err(call.wrong(index, "must be a list or a map"));
        }
        call.charge(walk::size(value))?;
        whole.extend(walk::pairs(value));
    }
    let whole = walk::counted_anew(whole);
    Ok(walk::from_pairs(whole))
}

/// `list|column(name)`: the value of this name in every map of the list; maps without it are left out. With `index`, a
/// map from the values of that name. With null as the name it is the values themselves.
fn column(call: &Call<'_, '_, '_>) -> Outcome {
    if !walk::is_container(call.arg(0)) {
        return Err(call.wrong(0, "must be a list or a map"));
    }
    let values = walk::values(call.arg(0));
    let (name, index) = (name(call, 1)?, name(call, 2)?);
    let looked_up = [&name, &index].into_iter().flatten();
    let letters = looked_up.map(|name| name.as_str().map_or(0, str::len));
    let each = letters.sum::<usize>() / 64;
    call.charge(values.len().saturating_mul(each.saturating_add(1)))?;
    let mut next = 0_i64;
    let mut found = Vec::new();
    for row in &values {
        let value = match &name {
            Some(name) => walk::member(row, name),
            None => Some(row.clone()),
        };
        let Some(value) = value else { continue };
        let key = match index.as_ref().and_then(|index| walk::member(row, index)) {
            Some(key) => {
                walk::weigh(call.state, &key)?;
                walk::number_or_text(&walk::key(&key))
            }
            None => Value::from(next),
        };
        next = next.max(key.as_i64().map_or(0, |key| key.saturating_add(1)));
        found.push((key, value));
    }
    Ok(walk::from_pairs(found))
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
