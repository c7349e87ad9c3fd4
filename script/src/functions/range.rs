//! `range` and the operator `..`.

use minijinja::{Error, ErrorKind, State, Value};

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

/// The values from `low` to `high`.
pub(crate) fn between(
    state: &State<'_, '_>,
    low: &Value,
    high: &Value,
    step: Option<&Value>,
) -> Result<Value, Error> {
    if let (Some(first), Some(last)) = (letter(low), letter(high)) {
        return letters(first, last, step);
    }
    let low = number::exactly(low).unwrap_or(Num::Int(0));
    let high = number::exactly(high).unwrap_or(Num::Int(0));
    let step = match step {
        None => Num::Int(1),
        Some(step) => number::of(step).ok_or_else(|| failed("the step must be a number"))?,
    };
    if step.as_f64() == 0.0 {
        return Err(failed("the step must not be 0"));
    }
    if let (Num::Int(low), Num::Int(high), Num::Int(step)) = (low, high, step) {
        return wholes(state, low, high, step.saturating_abs());
    }
    floats(state, low.as_f64(), high.as_f64(), step.as_f64().abs())
}

fn failed(why: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("`range`: {why}"))
}

/// The letter of a text that is no number.
fn letter(value: &Value) -> Option<u8> {
    let text = value.as_str()?;
    if number::of_text(text).is_some() {
        return None;
    }
    text.bytes().next().filter(u8::is_ascii)
}

fn letters(first: u8, last: u8, step: Option<&Value>) -> Result<Value, Error> {
    let step = step
        .and_then(number::of)
        .map_or(1, |step| step.as_i64().unsigned_abs());
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    if step == 0 {
        return Err(failed("the step must not be 0"));
    }
    let one = |code: u8| Value::from(char::from(code).to_string());
    let found: Vec<Value> = if first <= last {
        (first..=last).step_by(step).map(one).collect()
    } else {
        (last..=first).rev().step_by(step).map(one).collect()
    };
    Ok(Value::from(found))
}

fn wholes(state: &State<'_, '_>, low: i64, high: i64, step: i64) -> Result<Value, Error> {
    let distance = high.abs_diff(low);
    let step = step.unsigned_abs();
    if step > distance && distance > 0 {
        return Err(failed("the step must not be larger than the distance"));
    }
    let count = distance / step;
    walk::charge(state, usize::try_from(count).unwrap_or(usize::MAX))?;
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
    if !distance.is_finite() || !step.is_finite() || (step > distance && distance > 0.0) {
        return Err(failed("the step must not be larger than the distance"));
    }
    let count = Num::Float((distance / step + 1e-9).floor()).as_i64();
    walk::charge(state, usize::try_from(count).unwrap_or(usize::MAX))?;
    let sign = if high >= low { step } else { -step };
    let found: Vec<Value> = (0..=count)
        .map(|turn| Value::from(Num::Int(turn).as_f64().mul_add(sign, low)))
        .collect();
    Ok(Value::from(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::text;

    #[test]
    fn a_range_runs_both_ways_over_numbers_and_letters() {
        let engine = minijinja::Environment::empty();
        let state = engine.empty_state();
        let show = |low: Value, high: Value| {
            text::of(&between(&state, &low, &high, None).unwrap()).into_owned()
        };
        assert_eq!(show(Value::from(1), Value::from(3)), "[1,2,3]");
        assert_eq!(show(Value::from(3), Value::from(1)), "[3,2,1]");
        assert_eq!(
            show(Value::from("a"), Value::from("c")),
            "[\"a\",\"b\",\"c\"]"
        );
        assert_eq!(show(Value::from("2"), Value::from("3")), "[2,3]");
    }
}
