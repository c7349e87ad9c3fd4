//! Arrow functions while a script runs.

use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr};
use minijinja::{Environment, Error, ErrorKind, State, Value};

use super::run::Run;
use crate::lang::{compare, walk};

/// The end of the engine's names of arrow functions.
const SUFFIX: &str = "arrow";

/// What a call costs in fuel beyond the instructions in it: it sets up an evaluation of its own.
const CALL_COST: u64 = 20;

/// The engine's name of an arrow function of a script.
pub(crate) fn template_name(script: impl std::fmt::Display, number: usize) -> String {
    format!("{script}.{number}.{SUFFIX}")
}

/// The number of the arrow function that the engine knows by this name.
pub(crate) fn number_of(name: &str) -> Option<usize> {
    let (_, number) = name
        .strip_suffix(SUFFIX)?
        .strip_suffix('.')?
        .split_once('.')?;
    number.parse().ok()
}

/// An arrow function as a value. Only the filters and operators that call it ever see it.
#[derive(Debug)]
struct Arrow {
    name: String,
    arguments: Vec<String>,
    /// What it reads of the script around it.
    around: Vec<(String, Value)>,
}

impl Object for Arrow {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

/// One call: the root of the engine's context in it.
#[derive(Debug)]
struct Frame {
    run: Arc<Run>,
    arrow: Arc<Arrow>,
    values: Vec<Value>,
}

impl Object for Frame {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let arguments = self.arrow.arguments.iter().zip(&self.values);
        let around = self.arrow.around.iter().map(|(name, value)| (name, value));
        arguments
            .chain(around)
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.clone())
            .or_else(|| self.run.get_value_by_str(key))
    }
}

/// Adds what arrow functions are made and called with.
pub(super) fn add(engine: &mut Environment<'static>) {
    engine.add_filter("o_arrow", make);
    engine.add_filter(
        "o_has_some",
        |state: &State<'_, '_>, values: &Value, arrow: &Value| any(state, values, arrow, true),
    );
    engine.add_filter(
        "o_has_every",
        |state: &State<'_, '_>, values: &Value, arrow: &Value| {
            any(state, values, arrow, false).map(|found| !found)
        },
    );
}

fn make(
    state: &State<'_, '_>,
    _run: &Value,
    number: usize,
    arguments: Vec<String>,
    around: Vec<String>,
) -> Value {
    let script = state.name().split('.').next().unwrap_or_default();
    let around = around
        .into_iter()
        .filter_map(|name| {
            let value = state.lookup(&name)?;
            Some((name, value))
        })
        .collect();
    Value::from_object(Arrow {
        name: template_name(script, number),
        arguments,
        around,
    })
}

/// Whether there is a value for which the function says `wanted`.
fn any(state: &State<'_, '_>, values: &Value, arrow: &Value, wanted: bool) -> Result<bool, Error> {
    walk::charge(state, walk::size(values))?;
    for (key, value) in walk::pairs(values) {
        if compare::is_true(&call(state, arrow, vec![value, key])?) == wanted {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a value is an arrow function.
pub(crate) fn is_arrow(value: &Value) -> bool {
    value.downcast_object_ref::<Arrow>().is_some()
}

/// Calls an arrow function, on the fuel of its caller.
pub(crate) fn call(
    state: &State<'_, '_>,
    arrow: &Value,
    values: Vec<Value>,
) -> Result<Value, Error> {
    let Some(arrow) = arrow.downcast_object::<Arrow>() else {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            "only an arrow function can be called",
        ));
    };
    state.consume_fuel(CALL_COST)?;
    let run = Run::of(state)?;
    let left = state.fuel_levels().map_or(0, |(_, left)| left);
    let burnt_before = run.hand_over(left);
    let template = state.get_template(&arrow.name)?;
    let frame = Frame { run, arrow, values };
    let done = template.render_captured(Value::from_object(frame))?;
    let inner = done.state();
    if let Some((burnt, _)) = inner.fuel_levels() {
        state.consume_fuel(burnt.saturating_sub(burnt_before))?;
    }
    Ok(inner.lookup("r_").unwrap_or_default())
}
