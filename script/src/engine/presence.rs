//! Whether something is there: a name that was given a value, a member of a list or map. What is there is so with any
//! value, be it null.

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, State, Value};

use super::run::Run;
use crate::lang::walk;

/// Adds what `is defined` asks.
pub(super) fn add(engine: &mut Environment<'static>) {
    engine.add_filter(
        "o_named",
        |state: &State<'_, '_>, _run: &Value, name: &str| state.lookup(name).is_some(),
    );
    engine.add_filter("o_kept", |state: &State<'_, '_>, name: &str| {
        let run = Run::of(state)?;
        let kept = run.store().get(name).is_some();
        Ok::<_, Error>(kept || run.named(name).is_some())
    });
    engine.add_filter("o_has", |object: &Value, key: &Value| {
        if object.kind() == ValueKind::Plain {
            return !object.get_item(key).unwrap_or_default().is_undefined();
        }
        walk::has(object, key)
    });
}
