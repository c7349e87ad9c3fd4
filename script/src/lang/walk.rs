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

/// How many values a list or map holds.
pub(crate) fn size(value: &Value) -> usize {
    if is_container(value) {
        value.len().unwrap_or_default()
    } else {
        0
    }
}

/// The keys and values of a list or a map. The keys of a list count from 0, and those of a map that are spelt like whole
/// numbers are numbers, too.
pub(crate) fn pairs(value: &Value) -> Vec<(Value, Value)> {
    let Ok(items) = value.try_iter() else {
        return Vec::new();
    };
    if is_map(value) {
        return items
            .map(|key| {
                let item = value.get_item(&key).unwrap_or_default();
                (number_or_text(&key), item)
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

/// Puts keys and values together: a list where the keys count from 0, else a map.
pub(crate) fn from_pairs(pairs: Vec<(Value, Value)>) -> Value {
    let mut counted = pairs.iter().enumerate();
    if counted.all(|(index, (key, _))| key.as_usize() == Some(index)) {
        let values = pairs.into_iter().map(|(_, value)| value);
        return Value::from(values.collect::<Vec<_>>());
    }
    Value::from_pairs(
        pairs
            .into_iter()
            .map(|(key, value)| (self::key(&key), value)),
    )
}

/// Keys and values whose whole-number keys count from 0 again; other keys stay.
pub(crate) fn counted_anew(pairs: Vec<(Value, Value)>) -> Vec<(Value, Value)> {
    let mut next = 0_usize;
    let anew = pairs.into_iter().map(|(key, value)| {
        if !key.is_integer() {
            return (key, value);
        }
        next += 1;
        (Value::from(next - 1), value)
    });
    anew.collect()
}

/// A key of a map, as a number where it is spelt like a whole one.
pub(crate) fn number_or_text(key: &Value) -> Value {
    let number = key.as_str().and_then(whole);
    number.map_or_else(|| key.clone(), Value::from)
}

/// The whole number that a key is spelt like, without a plus, zeros or blanks before it.
fn whole(key: &str) -> Option<i64> {
    let digits = key.strip_prefix('-').unwrap_or(key);
    let plain = match digits.as_bytes() {
        [b'0'] => digits.len() == key.len(),
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if plain { key.parse().ok() } else { None }
}

/// How many values a list or map holds, how many letters a text has.
pub(crate) fn length(value: &Value) -> usize {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => 0,
        _ if is_container(value) => value.len().unwrap_or_default(),
        _ => super::text::of(value).chars().count(),
    }
}

/// A key as maps have them: text, with whole numbers spelt out. Fractions are cut off, true is 1 and false 0.
pub(crate) fn key(value: &Value) -> Value {
    match value.kind() {
        ValueKind::String => value.clone(),
        ValueKind::Bool => Value::from(if value.is_true() { "1" } else { "0" }),
        ValueKind::Number if !value.is_integer() => {
            let number = super::number::of(value).map_or(0, super::number::Num::as_i64);
            Value::from(number.to_string())
        }
        _ => Value::from(super::text::of(value).into_owned()),
    }
}

/// The item of a list or map behind a key; `None` where there is none. A list takes whole numbers, also as text, and
/// never counts from its end; a map takes numbers as text.
pub(crate) fn item(object: &Value, key: &Value) -> Option<Value> {
    let found = match object.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let index = if key.is_integer() {
                key.as_usize()?
            } else {
                number_or_text(&self::key(key)).as_usize()?
            };
            object.get_item_by_index(index).ok()?
        }
        ValueKind::Map => object.get_item(&self::key(key)).ok()?,
        ValueKind::Plain => object.get_item(key).ok()?,
        _ => return None,
    };
    (!found.is_undefined()).then_some(found)
}

/// Whether a list or map has a value behind a key, be it null or undefined.
pub(crate) fn has(object: &Value, key: &Value) -> bool {
    if item(object, key).is_some() {
        return true;
    }
    match object.as_object() {
        Some(members) if is_map(object) => members.get_value(&self::key(key)).is_some(),
        Some(_) => number_or_text(&self::key(key))
            .as_usize()
            .is_some_and(|index| index < size(object)),
        None => false,
    }
}

/// The value of a list or map behind a key; null where one is there that is undefined.
pub(crate) fn member(object: &Value, key: &Value) -> Option<Value> {
    item(object, key).or_else(|| has(object, key).then(|| Value::from(())))
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
