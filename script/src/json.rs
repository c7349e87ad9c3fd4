//! JSON in and out of the values that scripts work on.

use minijinja::Value;
use minijinja::value::ValueKind;
use serde_json::{Map, Number};

/// A script value of a JSON value. The order of keys is kept.
#[must_use]
pub fn json_to_value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Bool(flag) => Value::from(*flag),
        serde_json::Value::Number(number) => number_to_value(number),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => {
            Value::from(items.iter().map(json_to_value).collect::<Vec<_>>())
        }
        serde_json::Value::Object(members) => Value::from_pairs(
            members
                .iter()
                .map(|(key, value)| (Value::from(key.as_str()), json_to_value(value))),
        ),
    }
}

/// The JSON value of a script value. Undefined and what JSON cannot say (not-a-number, functions) become null; keys
/// become text.
#[must_use]
pub fn value_to_json(value: &Value) -> serde_json::Value {
    match value.kind() {
        ValueKind::Bool => serde_json::Value::Bool(value.is_true()),
        ValueKind::Number => {
            value_to_number(value).map_or(serde_json::Value::Null, serde_json::Value::Number)
        }
        ValueKind::String => {
            serde_json::Value::String(value.as_str().unwrap_or_default().to_owned())
        }
        ValueKind::Bytes => serde_json::Value::String(
            String::from_utf8_lossy(value.as_bytes().unwrap_or_default()).into_owned(),
        ),
        ValueKind::Seq | ValueKind::Iterable => value
            .try_iter()
            .map(|items| serde_json::Value::Array(items.map(|item| value_to_json(&item)).collect()))
            .unwrap_or_default(),
        ValueKind::Map => serde_json::Value::Object(members_to_json(value)),
        _ => serde_json::Value::Null,
    }
}

fn members_to_json(value: &Value) -> Map<String, serde_json::Value> {
    let mut members = Map::new();
    if let Ok(keys) = value.try_iter() {
        for key in keys {
            let member = value.get_item(&key).unwrap_or_default();
            let name = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            members.insert(name, value_to_json(&member));
        }
    }
    members
}

fn number_to_value(number: &Number) -> Value {
    if let Some(whole) = number.as_i64() {
        Value::from(whole)
    } else if let Some(whole) = number.as_u64() {
        Value::from(whole)
    } else {
        Value::from(number.as_f64().unwrap_or_default())
    }
}

/// The JSON number of a script's number; `None` for one that JSON cannot say.
pub(crate) fn value_to_number(value: &Value) -> Option<Number> {
    if value.is_integer() {
        if let Some(whole) = value.as_i64() {
            return Some(Number::from(whole));
        }
        if let Ok(whole) = u64::try_from(value.clone()) {
            return Some(Number::from(whole));
        }
    }
    f64::try_from(value.clone()).ok().and_then(Number::from_f64)
}
