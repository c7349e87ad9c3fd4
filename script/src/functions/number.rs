//! Numbers: `round`, `max`, `min`, `numberFormat`, `formatCurrency`.

use std::cmp::Ordering;

use minijinja::Value;

use crate::filters::number::{formatted, number_format, round};
use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry, variadic};
use crate::lang::{compare, walk};

pub(crate) const FUNCTIONS: &[Entry] = &[
    entry("round", &["value", "precision", "method"], 1, round),
    variadic("max", &["values"], 1, max),
    variadic("min", &["values"], 1, min),
    entry(
        "numberFormat",
        &["number", "decimal", "decimal_point", "thousand_sep"],
        1,
        number_format,
    ),
    entry(
        "formatCurrency",
        &["amount", "symbol", "decimals"],
        1,
        format_currency,
    ),
];

/// `max(values…)`: the largest of its arguments, or of one list or map.
fn max(call: &Call<'_, '_, '_>) -> Outcome {
    // Maps that cannot be ordered count as larger, as in PHP.
    outermost(call, |value, best| {
        !matches!(
            compare::order(value, best),
            Some(Ordering::Less | Ordering::Equal)
        )
    })
}

/// `min(values…)`: the smallest of its arguments, or of one list or map.
fn min(call: &Call<'_, '_, '_>) -> Outcome {
    outermost(call, |value, best| {
        compare::order(value, best) == Some(Ordering::Less)
    })
}

fn outermost(call: &Call<'_, '_, '_>, is_better: fn(&Value, &Value) -> bool) -> Outcome {
    for value in call.args {
        walk::weigh(call.state, value)?;
    }
    let values = match call.args {
        [one] if walk::is_container(one) => walk::values(one),
        [_] => return Err(call.wrong(0, "must be a list or a map where it stands alone")),
        many => many.to_vec(),
    };
    call.charge(values.len())?;
    let mut values = values.into_iter();
    let Some(first) = values.next() else {
        return Err(call.wrong(0, "must not be empty"));
    };
    Ok(values.fold(first, |best, value| {
        if is_better(&value, &best) {
            value
        } else {
            best
        }
    }))
}

/// `formatCurrency(amount, symbol = "$", decimals = 2)`: an amount with its symbol in front: `formatCurrency(1234.5, "€")` is
/// `€1,234.50`. Fails when the amount is no number.
fn format_currency(call: &Call<'_, '_, '_>) -> Outcome {
    let text = formatted(call, call.whole_or(2, 2)?, ".", ",")?;
    let symbol = call.text_or(1, "$")?;
    Ok(Value::from(match text.strip_prefix('-') {
        Some(digits) => format!("-{symbol}{digits}"),
        None => format!("{symbol}{text}"),
    }))
}
