//! Data: `jsonDecode`, `jsonPath`, `coalesce`, `contains`, `dump`.

use minijinja::Value;
use serde_json_path::JsonPath;

use super::path_cost;
use crate::json::{json_to_value, value_to_json};
use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry, variadic};
use crate::lang::{compare, php_json, walk};

pub(crate) const FUNCTIONS: &[Entry] = &[
    entry("jsonDecode", &["text"], 1, json_decode),
    entry("jsonPath", &["value", "path"], 2, json_path),
    variadic("coalesce", &["values"], 1, coalesce),
    entry("contains", &["haystack", "needle"], 2, contains),
    entry("cycle", &["values", "position"], 2, cycle),
    variadic("dump", &["values"], 0, dump),
];

/// `jsonDecode(text)`: the value of a JSON text; null where it is none.
fn json_decode(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0)?;
    call.charge_bytes(text.len().saturating_mul(16))?;
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    Ok(json_to_value(&json))
}

/// `jsonPath(value, path)`: what a JSONPath (RFC 9535) finds in a value or in a JSON text: the one value of a path that can
/// find no more than one (undefined where there is none), else a list. Fails when the path cannot be read.
/// `jsonPath(__data.order, "$.lines[*].price")`.
fn json_path(call: &Call<'_, '_, '_>) -> Outcome {
    let written = call.text(1)?;
    let is_one = !["*", "..", "?", ","]
        .iter()
        .any(|many| written.contains(many))
        && !written.contains(':');
    let path = JsonPath::parse(&written)
        .map_err(|error| call.wrong(1, &format!("is no JSONPath: {error}")))?;
    call.weigh(0)?;
    let json = match call.arg(0).as_str() {
        Some(text) => serde_json::from_str(text).unwrap_or_default(),
        None => value_to_json(call.arg(0)),
    };
    call.charge(path_cost::of(&written, &json))?;
    let found = path.query(&json).all();
    call.charge(found.len().saturating_mul(4))?;
    if is_one {
        return Ok(found
            .first()
            .map_or(Value::UNDEFINED, |json| json_to_value(json)));
    }
    Ok(Value::from(
        found.into_iter().map(json_to_value).collect::<Vec<_>>(),
    ))
}

/// `coalesce(values…)`: the first that is neither undefined nor null.
fn coalesce(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(call
        .args
        .iter()
        .find(|value| !compare::is_nothing(value))
        .cloned()
        .unwrap_or_default())
}

/// `contains(haystack, needle)`: whether a text has a part, a list a value or a map a value.
fn contains(call: &Call<'_, '_, '_>) -> Outcome {
    call.weigh(0)?;
    call.weigh(1)?;
    Ok(Value::from(compare::is_in(call.arg(1), call.arg(0))))
}

/// `cycle(values, position)`: the value of a list at a position, where the list begins again after its end.
/// `cycle(["odd", "even"], 3)` is `even`.
fn cycle(call: &Call<'_, '_, '_>) -> Outcome {
    let values = call.arg(0);
    if !walk::is_container(values) {
        return Ok(values.clone());
    }
    let position = call.whole(1)?;
    let size = i64::try_from(walk::size(values)).unwrap_or(i64::MAX);
    let Some(place) = position.checked_rem(size) else {
        return Err(call.wrong(0, "must not be empty"));
    };
    Ok(walk::item(values, &Value::from(place)).unwrap_or_default())
}

/// `dump(values…)`: the values as indented JSON, one after the other; all of `__data` where none is given.
fn dump(call: &Call<'_, '_, '_>) -> Outcome {
    let run = call.run()?;
    let everything = [run.scope.data.clone()];
    let values = match call.args {
        [] => everything.as_slice(),
        some => some,
    };
    let mut out = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        walk::weigh(call.state, value)?;
        // Slashes and letters stay as they are: a dump is for people.
        php_json::write(
            &mut out,
            &value_to_json(value),
            php_json::Options::new(64 + 128 + 256),
            0,
        );
    }
    call.charge_bytes(out.len())?;
    Ok(Value::from(out))
}
