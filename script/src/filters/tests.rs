//! What stands after `is`.

use minijinja::Value;

use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};
use crate::lang::{compare, walk};

pub(crate) const TESTS: &[Entry] = &[
    entry("defined", &["value"], 1, defined),
    entry("null", &["value"], 1, null),
    entry("empty", &["value"], 1, empty),
    entry("even", &["value"], 1, even),
    entry("odd", &["value"], 1, odd),
    entry("iterable", &["value"], 1, iterable),
    entry("sequence", &["value"], 1, sequence),
    entry("mapping", &["value"], 1, mapping),
    entry("same as", &["value", "other"], 2, same_as),
    entry("divisible by", &["value", "divisor"], 2, divisible_by),
];

/// `x is defined`: something has defined it, be it null.
fn defined(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(Value::from(!call.arg(0).is_undefined()))
}

/// `x is null`, also `x is none`: it is null or undefined.
fn null(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(Value::from(compare::is_nothing(call.arg(0))))
}

/// `x is empty`: null, undefined, false, empty text, an empty list or map.
fn empty(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(Value::from(compare::is_empty(call.arg(0))))
}

/// `x is even`: a number that 2 divides.
fn even(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(Value::from(call.whole(0)? % 2 == 0))
}

/// `x is odd`: a number that 2 does not divide.
fn odd(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(Value::from(call.whole(0)? % 2 != 0))
}

/// `x is iterable`: a list or a map.
fn iterable(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(Value::from(walk::is_container(call.arg(0))))
}

/// `x is sequence`: a list.
fn sequence(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(Value::from(
        walk::is_container(call.arg(0)) && !walk::is_map(call.arg(0)),
    ))
}

/// `x is mapping`: a map.
fn mapping(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(Value::from(walk::is_map(call.arg(0))))
}

/// `x is same as(y)`: of the same kind and equal, without any conversion.
fn same_as(call: &Call<'_, '_, '_>) -> Outcome {
    call.weigh(0)?;
    call.weigh(1)?;
    Ok(Value::from(compare::same(call.arg(0), call.arg(1))))
}

/// `x is divisible by(n)`: a number that `n` divides. Fails when `n` is 0.
fn divisible_by(call: &Call<'_, '_, '_>) -> Outcome {
    let divisor = call.whole(1)?;
    if divisor == 0 {
        return Err(call.wrong(1, "must not be 0"));
    }
    let value = call.whole(0)?;
    Ok(Value::from(value.wrapping_rem(divisor) == 0))
}
