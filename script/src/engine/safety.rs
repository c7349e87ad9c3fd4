//! Escaping while a script runs, of values that only then show whether they need it: captured text is safe.

use minijinja::{Environment, Value};

use crate::filters::escape::escaped;

/// Adds what escapes unless a value is safe.
pub(super) fn add(engine: &mut Environment<'static>) {
    engine.add_filter("o_markup", |value: &Value| unless_safe(value, "html"));
    engine.add_filter("o_escape", unless_safe);
    engine.add_filter("o_safe", |value: &Value| match value.as_str() {
        Some(text) if !text.is_empty() => Value::from_safe_string(text.to_owned()),
        _ => value.clone(),
    });
}

fn unless_safe(value: &Value, strategy: &str) -> Value {
    match value.as_str() {
        Some(text) if !value.is_safe() => {
            escaped(text, strategy).map_or_else(|| value.clone(), Value::from)
        }
        _ => value.clone(),
    }
}
