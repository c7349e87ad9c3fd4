//! `range` and the operator `..`.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, State, Value};

use crate::engine::run::Run;
use crate::lang::call::{Call, Outcome};
use crate::lang::number::{self, Num};
use crate::lang::registry::{Entry, entry};
use crate::lang::walk;

pub(crate) const FUNCTIONS: &[Entry] = &[entry("range", &["low", "high", "step"], 2, range)];

/// `range(low, high, step = 1)`: the numbers or letters from `low` to `high`, both included, upwards or downwards.
/// Fails when `step` is 0 or larger than the distance. `range(1, 7, 3)` is `[1, 4, 7]`.
fn range(call: &Call<'_, '_, '_>) -> Outcome {
    between(call.state, call.arg(0), call.arg(1), call.given(2))
}

/// The values from `low` to `high`. Two texts that are no numbers give letters; what else is no number counts as 0.
pub(crate) fn between(
    state: &State<'_, '_>,
    low: &Value,
    high: &Value,
    step: Option<&Value>,
) -> Result<Value, Error> {
    let step = match step {
        None => Num::Int(1),
        Some(step) => number::of(step).ok_or_else(|| failed("the step must be a number"))?,
    };
    let both = low
        .as_str()
        .zip(high.as_str())
        .filter(|(low, high)| !low.is_empty() && !high.is_empty());
    let (low, high) = match both {
        Some((low, high)) => match (number::of_text(low), number::of_text(high)) {
            (None, None) => match step {
                Num::Int(step) => return letters(low, high, step),
                Num::Float(_) => (Num::Int(0), Num::Int(0)),
            },
            (low, high) => (low.unwrap_or(Num::Int(0)), high.unwrap_or(Num::Int(0))),
        },
        None => {
            let is_float = [low, high].into_iter().any(is_float) || matches!(step, Num::Float(_));
            (end(low, is_float), end(high, is_float))
        }
    };
    if let (Num::Int(low), Num::Int(high), Num::Int(step)) = (low, high, step) {
        return wholes(state, low, high, step);
    }
    floats(state, low.as_f64(), high.as_f64(), step.as_f64().abs())
}

fn failed(why: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("`range`: {why}"))
}

fn too_large() -> Error {
    failed("the step must not be 0 or larger than the distance")
}

fn is_float(value: &Value) -> bool {
    value.kind() == ValueKind::Number && !value.is_integer()
}

/// An end of a range that is not one of two texts; text counts as a whole number in a range of such.
fn end(value: &Value, is_float: bool) -> Num {
    let number = number::of(value).unwrap_or(Num::Int(0));
    if is_float || value.as_str().is_none() {
        number
    } else {
        Num::Int(number.capped())
    }
}

fn letters(low: &str, high: &str, step: i64) -> Result<Value, Error> {
    let first = low.bytes().next().unwrap_or_default();
    let last = high.bytes().next().unwrap_or_default();
    let distance = usize::from(first.abs_diff(last));
    let step = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
    if distance > 0 && (step == 0 || step > distance) {
        return Err(too_large());
    }
    if !first.is_ascii() || !last.is_ascii() {
        return Err(failed("letters must be ASCII"));
    }
    let step = step.max(1);
    let one = |code: u8| Value::from(char::from(code).to_string());
    let found: Vec<Value> = if first <= last {
        (first..=last).step_by(step).map(one).collect()
    } else {
        (last..=first).rev().step_by(step).map(one).collect()
    };
    Ok(Value::from(found))
}

/// Pays for so many values, of which one list may not have too many.
fn pay(state: &State<'_, '_>, count: usize) -> Result<(), Error> {
    walk::charge(state, count)?;
    Run::of(state)?.check_items(count.saturating_add(1))
}

fn wholes(state: &State<'_, '_>, low: i64, high: i64, step: i64) -> Result<Value, Error> {
    let distance = high.abs_diff(low);
    let step = step.unsigned_abs();
    if distance > 0 && (step == 0 || step > distance) {
        return Err(too_large());
    }
    let count = distance / step.max(1);
    pay(state, usize::try_from(count).unwrap_or(usize::MAX))?;
    let up = high >= low;
    let found: Vec<Value> = (0..=count)
        .map(|turn| {
            let away = i64::try_from(turn.saturating_mul(step)).unwrap_or(i64::MAX);
            Value::from(if up {
                low.saturating_add(away)
            } else {
                low.saturating_sub(away)
            })
        })
        .collect();
    Ok(Value::from(found))
}

fn floats(state: &State<'_, '_>, low: f64, high: f64, step: f64) -> Result<Value, Error> {
    let distance = (high - low).abs();
    if !distance.is_finite() || !step.is_finite() {
        return Err(failed("its ends and its step must be finite"));
    }
    if distance == 0.0 {
        return Ok(Value::from(vec![low]));
    }
    if step <= 0.0 || step > distance {
        return Err(too_large());
    }
    let count = Num::Float(distance / step).capped();
    pay(state, usize::try_from(count).unwrap_or(usize::MAX))?;
    let sign = if high >= low { step } else { -step };
    let found: Vec<Value> = (0..=count)
        .map(|turn| Value::from(low + Num::Int(turn).as_f64() * sign))
        .collect();
    Ok(Value::from(found))
}
