//! A status code, or a class of them such as `4xx`.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::str::FromStr;

/// Which statuses of an answer are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusPattern {
    /// All statuses with this first digit, 1 to 5.
    Class(u8),
    /// One status, 100 to 599.
    Code(u16),
}

impl StatusPattern {
    /// Whether the status is meant.
    #[must_use]
    pub const fn matches(self, status: u16) -> bool {
        match self {
            Self::Class(class) => status / 100 == class as u16,
            Self::Code(code) => status == code,
        }
    }
}

impl FromStr for StatusPattern {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refusal = "expected a status from 100 to 599 or a class such as `4xx`";
        if let Some(class) = text.strip_suffix("xx") {
            return match class.parse() {
                Ok(class @ 1..=5) if class.to_string().len() == class_digits(text) => {
                    Ok(Self::Class(class))
                }
                _ => Err(refusal),
            };
        }
        match text.parse() {
            Ok(code @ 100..=599) if text.len() == 3 => Ok(Self::Code(code)),
            _ => Err(refusal),
        }
    }
}

/// How many characters stand before the `xx`: keeps `+4xx` and `04xx` out.
fn class_digits(text: &str) -> usize {
    text.len().saturating_sub(2)
}

impl Serialize for StatusPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Class(class) => serializer.collect_str(&format_args!("{class}xx")),
            Self::Code(code) => serializer.serialize_u16(*code),
        }
    }
}

impl<'de> Deserialize<'de> for StatusPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            other => other.to_string(),
        };
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_and_a_code_match_what_they_say() {
        let class: StatusPattern = "4xx".parse().unwrap();
        assert!(class.matches(404) && !class.matches(500));
        let code: StatusPattern = "503".parse().unwrap();
        assert!(code.matches(503) && !code.matches(500));
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in [
            "", "xx", "9xx", "+4xx", "04xx", "4", "099", "600", "+40", "4xxx",
        ] {
            assert!(text.parse::<StatusPattern>().is_err(), "{text}");
        }
    }
}
