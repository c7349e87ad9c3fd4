//! Numbers, exactly.

use std::cmp::Ordering;

use script::Value;

/// A decimal number of any length.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// Digits before the point, without leading zeros.
    whole: String,
    /// Digits after the point, without trailing zeros.
    fraction: String,
}

impl Decimal {
    /// Reads `-12.50`, with white space around it. No exponent.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_ascii();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let only_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() || !only_digits(whole) || !only_digits(fraction)
        {
            return None;
        }
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self {
            negative: negative && !zero,
            whole,
            fraction,
        })
    }

    /// The number that a value is, or that its text says. `exponents` lets text have one.
    pub(super) fn of(value: &Value, printed: &str, exponents: bool) -> Option<Self> {
        if value.is_number() && !value.is_integer() {
            return Self::from_float(f64::try_from(value.clone()).ok()?);
        }
        Self::parse(printed).or_else(|| exponents.then(|| Self::scientific(printed)).flatten())
    }

    fn scientific(text: &str) -> Option<Self> {
        let text = text.trim_ascii();
        let allowed =
            |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
        if !text.bytes().all(allowed) {
            return None;
        }
        Self::from_float(text.parse().ok()?)
    }

    fn from_float(number: f64) -> Option<Self> {
        // The standard library prints floating-point numbers without exponent.
        number
            .is_finite()
            .then(|| Self::parse(&number.to_string()))
            .flatten()
    }

    fn compare_size(&self, other: &Self) -> Ordering {
        let length = self.whole.len().cmp(&other.whole.len());
        length
            .then_with(|| self.whole.cmp(&other.whole))
            .then_with(|| self.fraction.cmp(&other.fraction))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_size(other),
            (true, true) => other.compare_size(self),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ordered_by_size_whatever_their_spelling() {
        let ordered = [
            "-10",
            "-9.5",
            "-.5",
            "0",
            "0.049",
            "0.05",
            "+1",
            "1.01",
            "9",
            "10000",
            "18446744073709551616",
        ];
        for pair in ordered.windows(2) {
            assert!(
                Decimal::parse(pair[0]) < Decimal::parse(pair[1]),
                "{pair:?}"
            );
        }
        for (a, b) in [
            ("1.0", "1"),
            ("-0", "0.00"),
            ("007", "7"),
            (" 5 ", "5."),
            (".50", "0.5"),
        ] {
            assert_eq!(Decimal::parse(a), Decimal::parse(b));
        }
    }

    #[test]
    fn what_is_no_plain_decimal_is_no_number() {
        for text in [
            "", " ", "-", ".", "1e3", "0x10", "1,000", "1 2", "inf", "NaN", "--1", "1.2.3", "١",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn exponents_count_only_where_they_are_asked_for() {
        let text = Value::from("1e3");
        assert_eq!(Decimal::of(&text, "1e3", true), Decimal::parse("1000"));
        assert_eq!(Decimal::of(&text, "1e3", false), None);
        for bad in ["1e999", "e", "1e", "infinity"] {
            assert_eq!(Decimal::of(&Value::from(bad), bad, true), None, "{bad}");
        }
        assert_eq!(
            Decimal::of(&Value::from(1e21), "", false),
            Decimal::parse("1000000000000000000000")
        );
    }
}
