//! JSON in and out of the values that scripts work on.

use std::io::{self, Write};

use minijinja::Value;
use minijinja::value::{ValueIter, ValueKind};
use serde_json::{Map, Number};

use crate::budget::TooLarge;
use crate::engine::capped::Capped;
use crate::lang::walk;

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
///
/// Whoever calls this has weighed the value before: what stands in many places is copied to each, and the recursion is
/// as deep as the value nests.
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

/// The JSON text of a script value, the same as that of its [JSON value](value_to_json). It is written as far as the
/// bound reaches and no further, and walks by a list of its own.
///
/// # Errors
/// When the text would have more than `most` bytes.
pub fn json_text(value: &Value, most: usize) -> Result<String, TooLarge> {
    let mut out = Capped::new(most, 0);
    write(&mut out, value).map_err(|_| TooLarge::Text { bound: most })?;
    Ok(out.into_text())
}

/// The beginning of the JSON text of a script value.
#[derive(Debug, PartialEq, Eq)]
pub struct Beginning {
    /// The first bytes; they may end within a letter.
    pub bytes: Vec<u8>,
    /// How many the text has, as far as they were counted.
    pub size: usize,
}

/// The first `kept` bytes of what [`json_text`] writes, and how many there are in all. They are counted as far as
/// `counted` and no further.
#[must_use]
pub fn json_beginning(value: &Value, kept: usize, counted: usize) -> Beginning {
    let mut out = Counted {
        beginning: Beginning {
            bytes: Vec::new(),
            size: 0,
        },
        kept,
        counted,
    };
    // It fails where enough was counted.
    let _ = write(&mut out, value);
    out.beginning
}

struct Counted {
    beginning: Beginning,
    kept: usize,
    counted: usize,
}

impl Write for Counted {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        let Beginning { bytes, size } = &mut self.beginning;
        let room = self.kept.saturating_sub(bytes.len());
        bytes.extend_from_slice(more.get(..room).unwrap_or(more));
        *size = size.saturating_add(more.len());
        if *size > self.counted {
            return Err(io::Error::other("enough was counted"));
        }
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A list or map that is being written.
struct Open {
    whole: Value,
    rest: ValueIter,
    is_map: bool,
    is_first: bool,
}

fn write(out: &mut impl Write, value: &Value) -> io::Result<()> {
    let mut open: Vec<Open> = Vec::new();
    let mut next = Some(value.clone());
    loop {
        if let Some(value) = next.take() {
            match begin(out, &value)? {
                Some(container) => open.push(container),
                None => scalar(out, &value)?,
            }
        }
        let Some(container) = open.last_mut() else {
            return Ok(());
        };
        next = container.next(out)?;
        if next.is_none() {
            out.write_all(if container.is_map { b"}" } else { b"]" })?;
            open.pop();
        }
    }
}

/// Opens a list or map; none for any other value.
fn begin(out: &mut impl Write, value: &Value) -> io::Result<Option<Open>> {
    if !walk::is_container(value) {
        return Ok(None);
    }
    let Ok(rest) = value.try_iter() else {
        return Ok(None);
    };
    let is_map = walk::is_map(value);
    out.write_all(if is_map { b"{" } else { b"[" })?;
    Ok(Some(Open {
        whole: value.clone(),
        rest,
        is_map,
        is_first: true,
    }))
}

impl Open {
    /// The next value in it, after the comma and the key before it were written.
    fn next(&mut self, out: &mut impl Write) -> io::Result<Option<Value>> {
        let Some(key) = self.rest.next() else {
            return Ok(None);
        };
        if !std::mem::take(&mut self.is_first) {
            out.write_all(b",")?;
        }
        if !self.is_map {
            return Ok(Some(key));
        }
        match key.as_str() {
            Some(name) => serde_json::to_writer(&mut *out, name)?,
            None => serde_json::to_writer(&mut *out, &key.to_string())?,
        }
        out.write_all(b":")?;
        Ok(Some(self.whole.get_item(&key).unwrap_or_default()))
    }
}

fn scalar(out: &mut impl Write, value: &Value) -> io::Result<()> {
    match value.as_str() {
        Some(text) => serde_json::to_writer(out, text)?,
        None => serde_json::to_writer(out, &value_to_json(value))?,
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_text_is_that_of_the_json_value() {
        for json in [
            json!(null),
            json!([]),
            json!({}),
            json!([[], {}, [1, [2.5, -3]], true]),
            json!({"a": {"b\"\n": ["é", "\u{1}<"]}, "": null, "z": 18_446_744_073_709_551_615_u64}),
        ] {
            let value = json_to_value(&json);
            assert_eq!(json_text(&value, 1000).unwrap(), json.to_string());
            assert_eq!(value_to_json(&value), json);
        }
        let odd = Value::from_pairs([
            (Value::from(1), Value::UNDEFINED),
            (Value::from(true), Value::from(f64::NAN)),
        ]);
        assert_eq!(
            json_text(&odd, 1000).unwrap(),
            value_to_json(&odd).to_string()
        );
    }

    #[test]
    fn text_past_the_bound_is_never_made() {
        let value = json_to_value(&json!(["ab", {"c": 1}]));
        assert_eq!(json_text(&value, 14).unwrap(), r#"["ab",{"c":1}]"#);
        assert_eq!(json_text(&value, 13), Err(TooLarge::Text { bound: 13 }));
        let endless = (0..90).fold(Value::from(1), |value, _| Value::from(vec![value; 10]));
        assert!(json_text(&endless, 100_000).is_err());
    }

    #[test]
    fn the_beginning_of_a_text_is_kept_and_the_rest_of_it_counted() {
        let value = json_to_value(&json!(["ab", {"c": 1}]));
        let beginning = |kept, counted| {
            let Beginning { bytes, size } = json_beginning(&value, kept, counted);
            (String::from_utf8(bytes).unwrap(), size)
        };
        assert_eq!(beginning(99, 99), (r#"["ab",{"c":1}]"#.to_owned(), 14));
        assert_eq!(beginning(4, 99), (r#"["ab"#.to_owned(), 14));
        assert_eq!(beginning(0, 99), (String::new(), 14));
        let endless = (0..90).fold(Value::from(1), |value, _| Value::from(vec![value; 10]));
        let Beginning { bytes, size } = json_beginning(&endless, 10, 1_000);
        assert_eq!((bytes.len(), size), (10, 1_001));
    }

    #[test]
    fn a_deep_value_needs_no_deep_stack() {
        let deep = (0..100_000).fold(Value::from(1), |value, _| Value::from(vec![value]));
        assert_eq!(json_text(&deep, usize::MAX).unwrap().len(), 200_001);
        // Dropping it is recursive.
        std::mem::forget(deep);
    }
}
