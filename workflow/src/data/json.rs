//! JSON bodies: checked by the gateway, read by whoever needs the value, with one parser.

use std::fmt;

use script::Value;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::problem::BodyProblem;

/// Whether the first character that is no white space opens an object or an array.
pub(super) fn is_container(bytes: &[u8]) -> bool {
    let first = bytes
        .iter()
        .find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    matches!(first, Some(b'{' | b'['))
}

/// Checks that [`parse`] will read the bytes, and builds nothing.
pub(super) fn check(bytes: &[u8]) -> Result<(), BodyProblem> {
    read::<Checked>(bytes).map(|_| ())
}

/// Reads one JSON text.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, BodyProblem> {
    read(bytes)
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, BodyProblem> {
    serde_json::from_slice(bytes).map_err(|error| BodyProblem::json(&error, bytes))
}

/// Any JSON value, thrown away. Unlike serde's `IgnoredAny` it has the parser decode texts and
/// numbers, so it refuses whatever building the value would refuse.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        while members.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_texts_and_the_order_of_members_survive() {
        let value =
            parse(br#"{"z": 9007199254740993, "a": "\u00e9", "m": [null, true, 1.5]}"#).unwrap();
        let json = script::value_to_json(&value).to_string();
        assert_eq!(
            json,
            r#"{"z":9007199254740993,"a":"é","m":[null,true,1.5]}"#
        );
    }

    #[test]
    fn of_two_members_with_one_name_the_last_counts() {
        let value = parse(br#"{"a": 1, "a": 2}"#).unwrap();
        assert_eq!(value.get_attr("a").unwrap(), Value::from(2));
        assert!(check(br#"{"a": 1, "a": 2}"#).is_ok());
    }

    #[test]
    fn the_check_refuses_exactly_what_the_parser_refuses() {
        for text in [
            r#""\ud800""#,
            r#"{"\ud800": 1}"#,
            "1e400",
            "-",
            "01",
            "[1,]",
            "{\"a\"}",
            "nul",
            "\"\n\"",
            "12345678901234567890123",
            "{\"1\": {\"2\": []}}",
            "\"\\u0000\"",
            "[]]",
            "",
        ] {
            assert_eq!(
                check(text.as_bytes()).is_ok(),
                parse(text.as_bytes()).is_ok(),
                "{text}"
            );
            assert_eq!(
                check(text.as_bytes()).err(),
                parse(text.as_bytes()).err(),
                "{text}"
            );
        }
    }
}
