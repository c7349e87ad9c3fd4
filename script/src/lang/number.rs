//! Numbers: what counts as one, and how one is printed.

use minijinja::Value;
use minijinja::value::ValueKind;

/// A number of the language.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Num {
    Int(i64),
    Float(f64),
}

impl Num {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a whole number past 2^53 is rounded, as in PHP"
    )]
    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Self::Int(whole) => whole as f64,
            Self::Float(float) => float,
        }
    }

    /// The whole part. What does not fit wraps around, as in PHP, and what is no number is 0.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is cast fits, or wraps around as is wanted"
    )]
    pub(crate) fn as_i64(self) -> i64 {
        /// 2^63 and 2^64.
        const HALF: f64 = 9_223_372_036_854_775_808.0;
        const WHOLE: f64 = HALF * 2.0;
        match self {
            Self::Int(whole) => whole,
            Self::Float(float) if (-HALF..HALF).contains(&float) => float as i64,
            Self::Float(float) if float.is_finite() => {
                let around = float.trunc().rem_euclid(WHOLE);
                (if around < HALF {
                    around
                } else {
                    around - WHOLE
                }) as i64
            }
            Self::Float(_) => 0,
        }
    }

    /// The whole part; what does not fit is cut off at the ends of the range, and what is infinite is 0.
    pub(crate) fn capped(self) -> i64 {
        match self {
            Self::Float(float) if !float.is_finite() => 0,
            Self::Float(float) if float >= 9e18 => i64::MAX,
            Self::Float(float) if float <= -9e18 => i64::MIN,
            other => other.as_i64(),
        }
    }

    pub(crate) fn value(self) -> Value {
        match self {
            Self::Int(whole) => Value::from(whole),
            Self::Float(float) => Value::from(float),
        }
    }
}

/// The number that a value is: numbers, true and false, nothing (0), and text that begins like a number.
/// `None` for other text, lists and maps.
pub(crate) fn of(value: &Value) -> Option<Num> {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Some(Num::Int(0)),
        ValueKind::Bool => Some(Num::Int(i64::from(value.is_true()))),
        ValueKind::Number => Some(of_number(value)),
        ValueKind::String => prefix(value.as_str().unwrap_or_default()).map(|(number, _)| number),
        _ => None,
    }
}

/// The whole number that a value is for an operator that knows no fractions. What does not fit wraps around, but for
/// text, where it is cut off at the ends of the range.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    let number = of(value)?;
    Some(if value.as_str().is_some() {
        number.capped()
    } else {
        number.as_i64()
    })
}

/// The number that a value is wholly: a number, or text that is one from end to end.
pub(crate) fn exactly(value: &Value) -> Option<Num> {
    match value.kind() {
        ValueKind::Number => Some(of_number(value)),
        ValueKind::String => of_text(value.as_str().unwrap_or_default()),
        _ => None,
    }
}

fn of_number(value: &Value) -> Num {
    if value.is_integer()
        && let Some(whole) = value.as_i64()
    {
        return Num::Int(whole);
    }
    Num::Float(f64::try_from(value.clone()).unwrap_or_default())
}

/// The number that a text is from end to end; white space around it does not count.
pub(crate) fn of_text(text: &str) -> Option<Num> {
    let (number, rest) = prefix(text)?;
    rest.trim_start_matches(SPACE).is_empty().then_some(number)
}

/// The number with a fraction that a text begins with; 0 where it begins with none.
pub(crate) fn float_of_text(text: &str) -> f64 {
    match prefix(text) {
        Some((Num::Int(0), _)) if text.trim_start_matches(SPACE).starts_with('-') => -0.0,
        Some((number, _)) => number.as_f64(),
        None => 0.0,
    }
}

const SPACE: [char; 6] = [' ', '\t', '\n', '\r', '\u{b}', '\u{c}'];

/// The number that a text begins with, and what follows it.
fn prefix(text: &str) -> Option<(Num, &str)> {
    let text = text.trim_start_matches(SPACE);
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes
            .iter()
            .skip(from)
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(sign);
    let mut length = sign + whole;
    let mut is_whole = true;
    let mut fraction = 0;
    if bytes.get(length) == Some(&b'.') {
        fraction = digits(length + 1);
        if whole + fraction > 0 {
            length += 1 + fraction;
            is_whole = false;
        }
    }
    if whole + fraction == 0 {
        return None;
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + signed);
        if exponent > 0 {
            length += 1 + signed + exponent;
            is_whole = false;
        }
    }
    let (number, rest) = text.split_at_checked(length)?;
    let number = match number.parse::<i64>() {
        Ok(whole) if is_whole => Num::Int(whole),
        _ => Num::Float(number.parse().ok()?),
    };
    Some((number, rest))
}

/// A float as PHP prints it: 14 digits at most, no zeros at the end, `1.0E+25` where it is very large or small.
pub(crate) fn float_text(number: f64) -> String {
    general(number, 14, 'E')
}

/// A float with so many digits at most, without zeros at the end, and with an exponent where it is very large or small.
pub(crate) fn general(number: f64, most: usize, letter: char) -> String {
    if number.is_nan() {
        return "NAN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "INF" } else { "-INF" }.to_owned();
    }
    if number == 0.0 {
        return if number.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    let most = most.max(1);
    let scientific = format!("{:.*e}", most - 1, number.abs());
    let sign = if number < 0.0 { "-" } else { "" };
    if is_tie(number.abs(), most) {
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or_default();
        return format!("{sign}{mantissa}{letter}+{exponent}");
    }
    written(sign, &scientific, most, letter)
}

/// Whether a whole number lies right between two numbers of so many digits, and above the even one. Then PHP leaves
/// zeros at the end.
fn is_tie(number: f64, most: usize) -> bool {
    if number >= 1e15 || number.fract() != 0.0 {
        return false;
    }
    let digits = format!("{number:.0}");
    let Some((kept, lost)) = digits.split_at_checked(most) else {
        return false;
    };
    lost.trim_end_matches('0') == "5" && kept.ends_with(['0', '2', '4', '6', '8'])
}

/// A float with as many digits as tell it from all others, as PHP writes it into JSON.
pub(crate) fn shortest(number: f64) -> String {
    if number == 0.0 {
        return if number.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    let sign = if number < 0.0 { "-" } else { "" };
    // The standard library rounds otherwise where two such numbers are equally near.
    let text = serde_json::Number::from_f64(number.abs())
        .map_or_else(String::new, |number| number.to_string());
    written(sign, &scientific(&text), 17, 'e')
}

/// A number such as `12.5`, `0.01` or `1.5e30` in the form `1.25e1`.
fn scientific(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let exponent: i64 = exponent.parse().unwrap_or_default();
    let before = i64::try_from(whole.len()).unwrap_or_default();
    let zeros = i64::try_from(all.len() - digits.len()).unwrap_or_default();
    let (first, rest) = digits.split_at_checked(1).unwrap_or(("0", ""));
    format!("{first}.{rest}e{}", exponent + before - 1 - zeros)
}

/// A number in the form `1.5e3`, written out where its exponent is neither large nor small.
fn written(sign: &str, scientific: &str, most: usize, letter: char) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
    if exponent < -4 || exponent >= i32::try_from(most).unwrap_or(i32::MAX) {
        let rest = if rest.is_empty() { "0" } else { rest };
        let mark = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{first}.{rest}{letter}{mark}{}", exponent.abs());
    }
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or_default();
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(places.saturating_sub(1)));
    }
    let padded = format!("{digits:0<width$}", width = places + 1);
    match padded.split_at_checked(places + 1) {
        Some((whole, "")) => format!("{sign}{whole}"),
        Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        None => padded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_php_prints_them() {
        for (number, text) in [
            (1.0, "1"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.3"),
            (1.0 / 3.0, "0.33333333333333"),
            (1e14, "1.0E+14"),
            (1e13, "10000000000000"),
            (1.5e25, "1.5E+25"),
            (0.0001, "0.0001"),
            (0.00001, "1.0E-5"),
            (-2.5, "-2.5"),
            (123_456_789.123, "123456789.123"),
            (-0.0, "-0"),
        ] {
            assert_eq!(float_text(number), text);
        }
    }

    #[test]
    fn text_counts_as_a_number_as_far_as_it_is_one() {
        assert_eq!(of_text(" 12 "), Some(Num::Int(12)));
        assert_eq!(of_text("1e3"), Some(Num::Float(1000.0)));
        assert_eq!(of_text(".5"), Some(Num::Float(0.5)));
        assert_eq!(of_text("1."), Some(Num::Float(1.0)));
        assert_eq!(of_text("12abc"), None);
        assert_eq!(of_text(""), None);
        assert_eq!(
            of_text("9223372036854775808"),
            Some(Num::Float(9_223_372_036_854_775_808.0))
        );
        assert_eq!(of(&Value::from("12abc")), Some(Num::Int(12)));
        assert_eq!(of(&Value::from("abc")), None);
    }
}
