//! What a type says about a value that it cannot be read from, before key and origin are known.

use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};

use super::error::{ConfigError, nearest};
use super::origin::Origin;

/// A refusal by a type, with the place where it arose as soon as that is known.
#[derive(Debug)]
pub(super) struct Flaw {
    problem: Problem,
    place: Option<(String, Origin)>,
}

#[derive(Debug)]
enum Problem {
    Unknown {
        name: String,
        known: &'static [&'static str],
    },
    Missing(&'static str),
    Invalid(String),
}

impl Flaw {
    pub(super) fn invalid(problem: impl Into<String>) -> Self {
        Problem::Invalid(problem.into()).into()
    }

    pub(super) fn unknown(name: &str, known: &'static [&'static str]) -> Self {
        let name = name.to_owned();
        Problem::Unknown { name, known }.into()
    }

    /// Says where it arose, unless that is known already: the innermost place counts.
    pub(super) fn at(mut self, key: &str, origin: &Origin) -> Self {
        self.place
            .get_or_insert_with(|| (key.to_owned(), origin.clone()));
        self
    }

    pub(super) fn into_error(self) -> ConfigError {
        let (key, origin) = self
            .place
            .unwrap_or_else(|| (String::new(), Origin::Nowhere));
        match self.problem {
            Problem::Unknown { name, known } => ConfigError::unknown(key, &name, origin, known),
            Problem::Missing(field) => ConfigError::missing(format!("{key}.{field}")),
            Problem::Invalid(problem) => ConfigError::Invalid {
                key,
                origin,
                problem,
            },
        }
    }
}

impl From<Problem> for Flaw {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            place: None,
        }
    }
}

impl Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::Unknown { name, .. } => write!(f, "{name} is not a setting"),
            Problem::Missing(field) => write!(f, "{field} is not set"),
            Problem::Invalid(problem) => f.write_str(problem),
        }
    }
}

impl std::error::Error for Flaw {}

/// The defaults of serde put the value into the message; these leave it out.
impl de::Error for Flaw {
    fn custom<T: Display>(message: T) -> Self {
        Self::invalid(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid(format!("expected {expected}, found {}", kind(&found)))
    }

    fn invalid_value(_found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid(format!("expected {expected}"))
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        Self::invalid(match nearest(variant, known) {
            Some(word) => format!("did you mean {word}? It is one of {}", known.join(", ")),
            None => format!("it is one of {}", known.join(", ")),
        })
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Self::unknown(field, known)
    }

    fn missing_field(field: &'static str) -> Self {
        Problem::Missing(field).into()
    }
}

fn kind(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a number",
        Unexpected::Char(_) | Unexpected::Str(_) => "text",
        Unexpected::Seq | Unexpected::TupleVariant => "a list",
        Unexpected::Map | Unexpected::StructVariant => "a table",
        _ => "something else",
    }
}
