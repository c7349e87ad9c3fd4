//! The operators, as engine filters.

use std::cmp::Ordering;

use minijinja::value::Rest;
use minijinja::{Environment, Error, ErrorKind, State, Value};

use super::run::Run;
use crate::lang::number::{self, Num};
use crate::lang::{compare, text, walk};

/// Adds the operators to an engine.
pub(super) fn add(engine: &mut Environment<'static>) {
    machinery(engine);
    arithmetic(engine);
    signs_and_bits(engine);
    comparisons(engine);
    engine.add_filter(
        "o_concat",
        |state: &State<'_, '_>, left: &Value, rest: Rest<Value>| concat(state, left, &rest),
    );
    engine.add_filter("o_range", range);
    engine.add_filter(
        "o_item",
        |state: &State<'_, '_>, object: &Value, key: &Value| {
            walk::weigh(state, key)?;
            Ok::<_, Error>(walk::item(object, key).unwrap_or_default())
        },
    );
    engine.add_filter("o_key", |state: &State<'_, '_>, key: &Value| {
        walk::weigh(state, key)?;
        Ok::<_, Error>(walk::key(key))
    });
    engine.add_filter("o_values", |state: &State<'_, '_>, value: &Value| {
        if value.kind() == minijinja::value::ValueKind::Seq {
            return Ok(value.clone());
        }
        walk::charge(state, value.len().unwrap_or_default())?;
        Ok::<_, Error>(Value::from(walk::values(value)))
    });
    engine.add_filter("o_pairs", |state: &State<'_, '_>, value: &Value| {
        walk::charge(state, value.len().unwrap_or_default())?;
        let pairs: Vec<Value> = walk::pairs(value)
            .into_iter()
            .map(|(key, value)| Value::from(vec![key, value]))
            .collect();
        Ok::<_, Error>(Value::from(pairs))
    });
    engine.add_filter("o_percent", |state: &State<'_, '_>, value: &Value| {
        crate::filters::url::percent(&walk::text(state, value))
    });
}

fn machinery(engine: &mut Environment<'static>) {
    engine.add_filter("o_begin", |state: &State<'_, '_>, _nothing: &Value| {
        state.consume_fuel(Run::of(state)?.fuel_to_burn())?;
        Ok::<_, Error>(Value::UNDEFINED)
    });
    engine.add_filter(
        "o_watch",
        |state: &State<'_, '_>, value: Value, site: u32| {
            if value.is_undefined() {
                Run::of(state)?.note_undefined(site);
            }
            Ok::<_, Error>(value)
        },
    );
    engine.add_filter("o_result", |state: &State<'_, '_>, value: Value| {
        // Whoever gets the value walks over it, and has no fuel of its own.
        walk::weigh(state, &value)?;
        Run::of(state)?.put_result(value);
        Ok::<_, Error>(Value::UNDEFINED)
    });
    engine.add_filter("o_nest", |state: &State<'_, '_>, value: Value| {
        walk::check_depth(state, &value)?;
        Ok::<_, Error>(value)
    });
    engine.add_filter("o_get", |state: &State<'_, '_>, name: &str| {
        let run = Run::of(state)?;
        let kept = run.store().get(name);
        Ok::<_, Error>(kept.or_else(|| run.named(name)).unwrap_or_default())
    });
    engine.add_filter(
        "o_put",
        |state: &State<'_, '_>, value: Value, name: &str| {
            Run::of(state)?.store().put(name, value);
            Ok::<_, Error>(Value::UNDEFINED)
        },
    );
    engine.add_filter(
        "o_enter",
        |state: &State<'_, '_>, names: &str, targets: &str| {
            let run = Run::of(state)?;
            run.store()
                .enter(names, targets, |name| run.named(name).is_some());
            Ok::<_, Error>(Value::UNDEFINED)
        },
    );
    engine.add_filter("o_leave", |state: &State<'_, '_>, _nothing: &Value| {
        Run::of(state)?.store().leave();
        Ok::<_, Error>(Value::UNDEFINED)
    });
}

fn arithmetic(engine: &mut Environment<'static>) {
    engine.add_filter(
        "o_add",
        |state: &State<'_, '_>, left: &Value, right: &Value| {
            calculate(state, "+", left, right, i64::checked_add, |left, right| {
                left + right
            })
        },
    );
    engine.add_filter(
        "o_subtract",
        |state: &State<'_, '_>, left: &Value, right: &Value| {
            calculate(state, "-", left, right, i64::checked_sub, |left, right| {
                left - right
            })
        },
    );
    engine.add_filter(
        "o_multiply",
        |state: &State<'_, '_>, left: &Value, right: &Value| {
            calculate(state, "*", left, right, i64::checked_mul, |left, right| {
                left * right
            })
        },
    );
    engine.add_filter("o_divide", divide);
    engine.add_filter(
        "o_floor_divide",
        |state: &State<'_, '_>, left: &Value, right: &Value| {
            let quotient = number::of(&divide(state, left, right)?).unwrap_or(Num::Int(0));
            Ok::<_, Error>(Num::Int(Num::Float(quotient.as_f64().floor()).as_i64()).value())
        },
    );
    engine.add_filter(
        "o_remainder",
        |state: &State<'_, '_>, left: &Value, right: &Value| {
            let (left, right) = (
                whole_operand(state, "%", left)?,
                whole_operand(state, "%", right)?,
            );
            if right == 0 {
                return Err(failed("modulo by zero"));
            }
            Ok(Value::from(left.wrapping_rem(right)))
        },
    );
    engine.add_filter(
        "o_power",
        |state: &State<'_, '_>, left: &Value, right: &Value| {
            let (left, right) = (operand(state, "**", left)?, operand(state, "**", right)?);
            if let (Num::Int(base), Num::Int(exponent)) = (left, right)
                && let Ok(exponent) = u32::try_from(exponent)
                && let Some(whole) = base.checked_pow(exponent)
            {
                return Ok::<_, Error>(Value::from(whole));
            }
            Ok(Value::from(left.as_f64().powf(right.as_f64())))
        },
    );
}

fn signs_and_bits(engine: &mut Environment<'static>) {
    engine.add_filter("o_negative", |state: &State<'_, '_>, value: &Value| {
        Ok::<_, Error>(match operand(state, "-", value)? {
            Num::Int(whole) => whole
                .checked_neg()
                .map_or_else(|| Value::from(-Num::Int(whole).as_f64()), Value::from),
            Num::Float(float) => Value::from(-float),
        })
    });
    engine.add_filter("o_positive", |state: &State<'_, '_>, value: &Value| {
        Ok::<_, Error>(operand(state, "+", value)?.value())
    });
    engine.add_filter(
        "o_bit_and",
        |state: &State<'_, '_>, left: &Value, right: &Value| {
            bits(state, "b-and", left, right, |left, right| left & right)
        },
    );
    engine.add_filter(
        "o_bit_or",
        |state: &State<'_, '_>, left: &Value, right: &Value| {
            bits(state, "b-or", left, right, |left, right| left | right)
        },
    );
    engine.add_filter(
        "o_bit_xor",
        |state: &State<'_, '_>, left: &Value, right: &Value| {
            bits(state, "b-xor", left, right, |left, right| left ^ right)
        },
    );
}

fn comparisons(engine: &mut Environment<'static>) {
    engine.add_filter("o_true", compare::is_true);
    engine.add_filter("o_set", |value: &Value| !compare::is_nothing(value));
    engine.add_filter("o_xor", |left: &Value, right: &Value| {
        compare::is_true(left) != compare::is_true(right)
    });
    compared(engine, "o_equal", |order| order == Some(Ordering::Equal));
    compared(engine, "o_not_equal", |order| {
        order != Some(Ordering::Equal)
    });
    compared(engine, "o_less", |order| order == Some(Ordering::Less));
    compared(engine, "o_less_or_equal", |order| {
        matches!(order, Some(Ordering::Less | Ordering::Equal))
    });
    // As in PHP, the right side is asked whether it is less: two maps may give other answers the other way round.
    swapped(engine, "o_greater", |order| order == Some(Ordering::Less));
    swapped(engine, "o_greater_or_equal", |order| {
        matches!(order, Some(Ordering::Less | Ordering::Equal))
    });
    compared(engine, "o_spaceship", |order| match order {
        Some(Ordering::Less) => -1,
        Some(Ordering::Equal) => 0,
        Some(Ordering::Greater) | None => 1,
    });
    engine.add_filter("o_in", is_in);
    engine.add_filter(
        "o_not_in",
        |state: &State<'_, '_>, left: &Value, right: &Value| {
            is_in(state, left, right).map(|found| !found)
        },
    );
    engine.add_filter("o_starts_with", |state: &State<'_, '_>, left: &Value, right: &Value| {
        walk::charge_text(state, right)?;
        Ok::<_, Error>(matches!((left.as_str(), right.as_str()), (Some(text), Some(start)) if text.starts_with(start)))
    });
    engine.add_filter("o_is_text", |value: &Value| value.as_str().is_some());
    engine.add_filter("o_ends_with", |state: &State<'_, '_>, left: &Value, right: &Value| {
        walk::charge_text(state, right)?;
        Ok::<_, Error>(matches!((left.as_str(), right.as_str()), (Some(text), Some(end)) if text.ends_with(end)))
    });
    engine.add_filter("o_matches", matches);
}

/// Adds an operator that compares.
fn compared<T: Into<Value> + Send + Sync + 'static>(
    engine: &mut Environment<'static>,
    name: &'static str,
    answer: fn(Option<Ordering>) -> T,
) {
    engine.add_filter(
        name,
        move |state: &State<'_, '_>, left: &Value, right: &Value| {
            walk::weigh(state, left)?;
            walk::weigh(state, right)?;
            Ok::<Value, Error>(answer(compare::order(left, right)).into())
        },
    );
}

/// Adds an operator that compares its right side with its left one.
fn swapped(
    engine: &mut Environment<'static>,
    name: &'static str,
    answer: fn(Option<Ordering>) -> bool,
) {
    engine.add_filter(
        name,
        move |state: &State<'_, '_>, left: &Value, right: &Value| {
            walk::weigh(state, left)?;
            walk::weigh(state, right)?;
            Ok::<bool, Error>(answer(compare::order(right, left)))
        },
    );
}

fn is_in(state: &State<'_, '_>, left: &Value, right: &Value) -> Result<bool, Error> {
    walk::weigh(state, left)?;
    walk::weigh(state, right)?;
    Ok(compare::is_in(left, right))
}

fn concat(state: &State<'_, '_>, left: &Value, rest: &[Value]) -> Result<Value, Error> {
    let mut whole = String::new();
    for part in std::iter::once(left).chain(rest) {
        let part = walk::text(state, part);
        walk::charge(state, part.len() / 64)?;
        whole.push_str(&part);
    }
    Ok(Value::from(whole))
}

/// What a pattern costs to compile, in fuel.
const PATTERN_COST: u64 = 1_000;

/// 1 where the pattern matches, else 0.
fn matches(state: &State<'_, '_>, value: &Value, pattern: &Value) -> Result<i64, Error> {
    walk::weigh(state, value)?;
    walk::weigh(state, pattern)?;
    if walk::is_container(value) || walk::is_container(pattern) {
        return Err(failed("`matches` needs texts"));
    }
    let (pattern, is_new) = Run::of(state)?.pattern(&text::of(pattern))?;
    if is_new {
        state.consume_fuel(PATTERN_COST)?;
    }
    Ok(i64::from(pattern.is_match(text::of(value).as_bytes())))
}

fn failed(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, why.into())
}

fn operand(state: &State<'_, '_>, sign: &str, value: &Value) -> Result<Num, Error> {
    walk::charge_text(state, value)?;
    number::of(value).ok_or_else(|| no_number(sign, value))
}

fn whole_operand(state: &State<'_, '_>, sign: &str, value: &Value) -> Result<i64, Error> {
    walk::charge_text(state, value)?;
    number::whole(value).ok_or_else(|| no_number(sign, value))
}

fn no_number(sign: &str, value: &Value) -> Error {
    failed(format!("`{sign}` needs numbers, not {}", shown(value)))
}

fn shown(value: &Value) -> String {
    if walk::is_map(value) {
        return "a map".to_owned();
    }
    if walk::is_container(value) {
        return "a list".to_owned();
    }
    let text: String = text::of(value).chars().take(40).collect();
    format!("\"{text}\"")
}

fn calculate(
    state: &State<'_, '_>,
    sign: &str,
    left: &Value,
    right: &Value,
    whole: fn(i64, i64) -> Option<i64>,
    float: fn(f64, f64) -> f64,
) -> Result<Value, Error> {
    let (left, right) = (operand(state, sign, left)?, operand(state, sign, right)?);
    if let (Num::Int(left), Num::Int(right)) = (left, right)
        && let Some(result) = whole(left, right)
    {
        return Ok(Value::from(result));
    }
    Ok(Value::from(float(left.as_f64(), right.as_f64())))
}

fn divide(state: &State<'_, '_>, left: &Value, right: &Value) -> Result<Value, Error> {
    let (left, right) = (operand(state, "/", left)?, operand(state, "/", right)?);
    if right.as_f64() == 0.0 {
        return Err(failed("division by zero"));
    }
    if let (Num::Int(left), Num::Int(right)) = (left, right)
        && left.checked_rem(right) == Some(0)
    {
        return Ok(Value::from(left / right));
    }
    Ok(Value::from(left.as_f64() / right.as_f64()))
}

fn bits(
    state: &State<'_, '_>,
    sign: &str,
    left: &Value,
    right: &Value,
    apply: fn(i64, i64) -> i64,
) -> Result<Value, Error> {
    if let (Some(left), Some(right)) = (left.as_str(), right.as_str()) {
        return Ok(Value::from(bits_of_texts(sign, left, right)));
    }
    Ok(Value::from(apply(
        whole_operand(state, sign, left)?,
        whole_operand(state, sign, right)?,
    )))
}

/// Two texts are put together byte by byte: up to the end of the shorter one, but for `b-or`.
fn bits_of_texts(sign: &str, left: &str, right: &str) -> String {
    let both = left.bytes().zip(right.bytes());
    let mut bytes: Vec<u8> = match sign {
        "b-and" => both.map(|(left, right)| left & right).collect(),
        "b-or" => both.map(|(left, right)| left | right).collect(),
        _ => both.map(|(left, right)| left ^ right).collect(),
    };
    if sign == "b-or" {
        let longer = if left.len() > right.len() {
            left
        } else {
            right
        };
        bytes.extend(longer.bytes().skip(bytes.len()));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn range(state: &State<'_, '_>, low: &Value, high: &Value) -> Result<Value, Error> {
    crate::functions::range::between(state, low, high, None)
}
