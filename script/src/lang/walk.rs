//! Walks lists and maps alike.

use std::borrow::Cow;

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, State, Value};

use crate::interrupt;

/// Whether a value is a list or a map.
pub(crate) fn is_container(value: &Value) -> bool {
    matches!(
        value.kind(),
        ValueKind::Seq | ValueKind::Map | ValueKind::Iterable
    )
}

/// Whether a value is a map.
pub(crate) fn is_map(value: &Value) -> bool {
    value.kind() == ValueKind::Map
}

/// The values of a list or a map; none of anything else.
pub(crate) fn values(value: &Value) -> Vec<Value> {
    if is_map(value) {
        return pairs(value).into_iter().map(|(_, value)| value).collect();
    }
    if is_container(value) {
        return value.try_iter().map(Iterator::collect).unwrap_or_default();
    }
    Vec::new()
}

/// The keys and values of a list or a map; the keys of a list count from 0.
pub(crate) fn pairs(value: &Value) -> Vec<(Value, Value)> {
    let Ok(items) = value.try_iter() else {
        return Vec::new();
    };
    if is_map(value) {
        return items
            .map(|key| {
                let item = value.get_item(&key).unwrap_or_default();
                (key, item)
            })
            .collect();
    }
    if is_container(value) {
        return items
            .enumerate()
            .map(|(index, item)| (Value::from(index), item))
            .collect();
    }
    Vec::new()
}

/// Puts keys and values together: a list where the keys are those of a list, else a map.
pub(crate) fn from_pairs(pairs: Vec<(Value, Value)>, was_map: bool) -> Value {
    if was_map {
        Value::from_pairs(pairs)
    } else {
        Value::from(
            pairs
                .into_iter()
                .map(|(_, value)| value)
                .collect::<Vec<_>>(),
        )
    }
}

/// How many values a list or map holds, how many letters a text has.
pub(crate) fn length(value: &Value) -> usize {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => 0,
        _ if is_container(value) => value.len().unwrap_or_default(),
        _ => super::text::of(value).chars().count(),
    }
}

/// A key as maps have them: text, with whole numbers spelt out.
pub(crate) fn key(value: &Value) -> Value {
    if value.kind() == ValueKind::String {
        value.clone()
    } else {
        Value::from(super::text::of(value).into_owned())
    }
}

/// The item of a list or map behind a key; `None` where there is none. A list takes whole numbers, also as text, and
/// never counts from its end; a map takes numbers as text.
pub(crate) fn item(object: &Value, key: &Value) -> Option<Value> {
    let found = match object.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let index = match key.kind() {
                ValueKind::String => key.as_str()?.parse::<usize>().ok()?,
                _ => usize::try_from(super::number::of(key)?.as_i64()).ok()?,
            };
            object.get_item_by_index(index).ok()?
        }
        ValueKind::Map => {
            let direct = object.get_item(key).ok();
            match direct {
                Some(found) if !found.is_undefined() => found,
                _ => object.get_item(&self::key(key)).ok()?,
            }
        }
        ValueKind::Plain => object.get_item(key).ok()?,
        _ => return None,
    };
    (!found.is_undefined()).then_some(found)
}

/// How deep lists and maps that a script builds may stand inside each other.
const DEEPEST: usize = 64;

/// Refuses a value that is nested too deep, so that no later walk over it runs out of stack.
pub(crate) fn check_depth(state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    deep(state, value, DEEPEST)
}

fn deep(state: &State<'_, '_>, value: &Value, left: usize) -> Result<(), Error> {
    if !is_container(value) {
        return charge_text(state, value);
    }
    if left == 0 {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("lists and maps are nested more than {DEEPEST} levels deep"),
        ));
    }
    charge(state, value.len().unwrap_or_default())?;
    values(value)
        .iter()
        .try_for_each(|item| deep(state, item, left - 1))
}

/// Charges for a whole value, with all that stands in it, before something walks over it: one value may stand in many
/// places, so that what is small in memory may be without end when it is written out. It walks by a list of its own,
/// which has been paid for.
pub(crate) fn weigh(state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    if !is_container(value) {
        return charge_text(state, value);
    }
    let mut waiting = vec![value.clone()];
    while let Some(value) = waiting.pop() {
        if !is_container(&value) {
            charge_text(state, &value)?;
            continue;
        }
        charge(state, value.len().unwrap_or_default())?;
        for (key, part) in pairs(&value) {
            charge_text(state, &key)?;
            waiting.push(part);
        }
    }
    Ok(())
}

/// Charges for reading a text from end to end; anything else is free.
pub(crate) fn charge_text(state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    charge(state, value.as_str().map_or(0, str::len) / 64)
}

/// The text of a value, paid for. Where the fuel does not reach, the text is empty and the engine ends the run.
pub(crate) fn text<'v>(state: &State<'_, '_>, value: &'v Value) -> Cow<'v, str> {
    match weigh(state, value) {
        Ok(()) => super::text::of(value),
        Err(_) => Cow::Borrowed(""),
    }
}

/// Charges the run for work on so many items, before it is done. A run that was interrupted can pay for nothing.
pub(crate) fn charge(state: &State<'_, '_>, items: usize) -> Result<(), Error> {
    if interrupt::is_given() {
        return Err(Error::new(ErrorKind::OutOfFuel, "interrupted"));
    }
    state.consume_fuel(u64::try_from(items).unwrap_or(u64::MAX))
}
