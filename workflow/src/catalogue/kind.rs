//! What a field may hold.

use super::Object;
use script::Target;
use serde_json::{Map, Value, json};

/// A header's name: a token of RFC 9110.
pub const HEADER_NAME: &str = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";
/// A status code or a class of them, as text.
pub const STATUS: &str = "^([1-5]xx|[1-5][0-9][0-9])$";

/// What a field may hold.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A text without scripts.
    Text(Pattern),
    /// A text with scripts in it.
    Script {
        /// Where the rendered text goes.
        target: Target,
        /// Whether it sees the request; otherwise it is rendered once, when it is published.
        request: bool,
        /// Whether the text must not be shown.
        sensitive: bool,
    },
    /// A whole number within bounds, both included.
    Integer {
        /// The least.
        min: u64,
        /// The greatest.
        max: u64,
    },
    /// True or false.
    Flag,
    /// One of a closed set of words.
    Word {
        /// The words.
        words: &'static [&'static str],
    },
    /// Any value; strings in it, at any depth, are scripts.
    Value {
        /// Whether it may be null.
        null: bool,
    },
    /// Names with scripts; a number or a boolean is taken as its text.
    Pairs {
        /// What the names are.
        names: Names,
        /// Where each rendered text goes.
        target: Target,
    },
    /// Names with plain texts.
    Labels,
    /// Names with values of any kind, which hold no scripts.
    Plain,
    /// A status code or a class such as `4xx`.
    Status,
    /// A date and time, RFC 3339.
    Moment,
    /// An object of the table.
    Object(&'static Object),
    /// A list.
    List {
        /// What each item is.
        of: &'static Kind,
        /// The least number of items.
        min: usize,
    },
    /// A list of steps.
    Steps,
    /// The same with one step at least.
    SomeSteps,
}

/// What the names of [`Kind::Pairs`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Any text.
    Any,
    /// Header names: tokens of RFC 9110.
    Headers,
}

/// The shape of a plain text.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// A regular expression that both this crate and JSON Schema read alike.
    pub regex: Option<&'static str>,
    /// The most characters.
    pub max: usize,
    /// The shape in words, after "expected".
    pub says: &'static str,
    /// A text that fits.
    pub example: &'static str,
}

impl Kind {
    /// A closed set of words.
    #[must_use]
    pub const fn word(words: &'static [&'static str]) -> Self {
        Self::Word { words }
    }

    /// A script that sees the request.
    #[must_use]
    pub const fn script(target: Target) -> Self {
        Self::Script {
            target,
            request: true,
            sensitive: false,
        }
    }

    /// The kind in words, after "expected".
    #[must_use]
    pub fn says(&self) -> String {
        match self {
            Self::Text(pattern) => pattern.says.to_owned(),
            Self::Script { .. } => "a text, which may hold scripts".to_owned(),
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Flag => "true or false".to_owned(),
            Self::Word { words } => format!("one of {}", words.join(", ")),
            Self::Value { null: true } => "any value".to_owned(),
            Self::Value { null: false } => "any value but null".to_owned(),
            Self::Pairs { .. } => "a map of names to texts".to_owned(),
            Self::Labels => "a map of names to texts".to_owned(),
            Self::Plain => "a map of names to values".to_owned(),
            Self::Status => "a status from 100 to 599, or a class such as `4xx`".to_owned(),
            Self::Moment => "a date and time".to_owned(),
            Self::Object(_) => "an object".to_owned(),
            Self::List { of, .. } => format!("a list; each item {}", of.says()),
            Self::Steps => "a list of steps".to_owned(),
            Self::SomeSteps => "a list of one step or more".to_owned(),
        }
    }

    /// A value that fits, to stand in for one that does not, so that the rest can be judged.
    #[must_use]
    pub fn placeholder(&self) -> Value {
        match self {
            Self::Text(pattern) => json!(pattern.example),
            Self::Script { .. } | Self::Value { .. } => json!(""),
            Self::Integer { min, .. } => json!(min),
            Self::Flag => json!(false),
            Self::Word { words } => json!(words.first()),
            Self::Pairs { .. } | Self::Labels | Self::Plain => json!({}),
            Self::Status => json!(500),
            Self::Moment => json!("2026-12-01T00:00:00Z"),
            Self::Object(object) => {
                let required = object.fields().filter(|field| field.required);
                let entries = required.map(|f| (f.name.to_owned(), f.kind.placeholder()));
                Value::Object(entries.collect::<Map<_, _>>())
            }
            Self::List { .. } | Self::Steps | Self::SomeSteps => json!([]),
        }
    }
}
