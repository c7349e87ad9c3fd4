//! Numbers.

use minijinja::{Error, Value};

use crate::lang::call::{Call, Outcome};
use crate::lang::number::Num;
use crate::lang::registry::{Entry, entry};

pub(crate) const FILTERS: &[Entry] = &[
    entry("abs", &["value"], 1, abs),
    entry("round", &["value", "precision", "method"], 1, round),
    entry(
        "number_format",
        &["number", "decimal", "decimal_point", "thousand_sep"],
        1,
        number_format,
    ),
];

/// `number|abs`: without its sign.
fn abs(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(match call.exact_number(0)? {
        Num::Int(whole) => whole
            .checked_abs()
            .map_or_else(|| Value::from(Num::Int(whole).as_f64().abs()), Value::from),
        Num::Float(float) => Value::from(float.abs()),
    })
}

/// `number|round(precision = 0, method = "common")`: rounded to so many digits after the point; `common` rounds halves
/// away from 0, `ceil` up, `floor` down. `3.146|round(2)` is `3.15`.
pub(crate) fn round(call: &Call<'_, '_, '_>) -> Outcome {
    let number = call.float(0)?;
    let precision = call.whole_or(1, 0)?.clamp(-300, 300);
    let precision = i32::try_from(precision).unwrap_or_default();
    let rounded = match call.text_or(2, "common")?.as_ref() {
        "common" => round_half(number, precision),
        "ceil" => stepped(number, precision, f64::ceil),
        "floor" => stepped(number, precision, f64::floor),
        _ => return Err(call.wrong(2, "must be common, ceil or floor")),
    };
    Ok(Value::from(rounded))
}

fn stepped(number: f64, precision: i32, step: fn(f64) -> f64) -> f64 {
    let factor = 10_f64.powi(precision);
    step(number * factor) / factor
}

/// Rounds to so many digits after the point, halves away from 0, as PHP 8 does: to 15 digits in all at first, so that
/// what is a half when it is written counts as one. `1.005` becomes `1.01`.
pub(crate) fn round_half(number: f64, places: i32) -> f64 {
    if !number.is_finite() || number == 0.0 {
        return number;
    }
    let sure = 14 - magnitude(number);
    let rounded = if sure > places && sure - 15 < places {
        let sure = sure.clamp(-308, 308);
        let first = half_away(shifted(number, sure));
        // The places that are left to go are fewer, so that this divides.
        half_away(shifted(first, (places - sure).max(-60)))
    } else {
        let scaled = shifted(number, places);
        if scaled.abs() >= 1e15 {
            return number;
        }
        half_away(scaled)
    };
    if places.abs() < 23 {
        return shifted(rounded, -places);
    }
    let text = format!("{rounded:.6}e{}", -places);
    text.parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
        .unwrap_or(number)
}

/// The power of ten below a number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the logarithm of a finite number is small"
)]
fn magnitude(number: f64) -> i32 {
    number.abs().log10().floor() as i32
}

/// A number with its point so many places further on.
fn shifted(number: f64, places: i32) -> f64 {
    let factor = 10_f64.powi(places.abs());
    if places >= 0 {
        number * factor
    } else {
        number / factor
    }
}

fn half_away(number: f64) -> f64 {
    if number >= 0.0 {
        (number + 0.5).floor()
    } else {
        (number - 0.5).ceil()
    }
}

/// `number|number_format(decimal = 0, decimal_point = ".", thousand_sep = ",")`: with a fixed number of digits after the
/// point and the thousands set apart. `1234.5|number_format(2)` is `1,234.50`.
pub(crate) fn number_format(call: &Call<'_, '_, '_>) -> Outcome {
    let decimals = call.whole_or(1, 0)?;
    let point = call.text_or(2, ".")?;
    let thousands = call.text_or(3, ",")?;
    let text = formatted(call, decimals, &point, &thousands)?;
    Ok(Value::from(text))
}

/// The first argument of a call as `number_format` writes it.
pub(crate) fn formatted(
    call: &Call<'_, '_, '_>,
    decimals: i64,
    point: &str,
    thousands: &str,
) -> Result<String, Error> {
    let number = call.float(0)?;
    let decimals = usize::try_from(decimals.clamp(0, 100)).unwrap_or_default();
    Ok(grouped(number, decimals, point, thousands))
}

/// A number with its thousands set apart.
pub(crate) fn grouped(number: f64, decimals: usize, point: &str, thousands: &str) -> String {
    let precision = i32::try_from(decimals).unwrap_or(i32::MAX);
    let rounded = round_half(number, precision);
    if !rounded.is_finite() {
        return crate::lang::number::float_text(rounded).to_lowercase();
    }
    let text = format!("{:.decimals$}", rounded.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::new();
    if rounded < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
        out.push('-');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push_str(thousands);
        }
        out.push(digit);
    }
    if decimals > 0 {
        out.push_str(point);
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_round_away_from_zero_as_they_are_written() {
        for (number, precision, expected) in [
            (3.146, 2, 3.15),
            (1.005, 2, 1.01),
            (2.5, 0, 3.0),
            (-2.5, 0, -3.0),
            (21.3, -1, 20.0),
            (1.955, 2, 1.96),
            (5.055, 2, 5.06),
            (0.285, 2, 0.29),
            (1e20, 2, 1e20),
        ] {
            assert!(
                (round_half(number, precision) - expected).abs() < 1e-12,
                "{number}"
            );
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped(1234.5, 2, ".", ","), "1,234.50");
        assert_eq!(grouped(-1_234_567.891, 1, ",", "."), "-1.234.567,9");
        assert_eq!(grouped(-0.4, 0, ".", ","), "0");
        assert_eq!(grouped(999.0, 0, ".", ","), "999");
    }
}
