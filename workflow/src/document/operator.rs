//! The operators of a comparison.

use super::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// How a comparison relates its left value to its right one.
    Operator {
        /// The same number, date or text.
        Equal = "equal",
        /// Not `equal`.
        NotEqual = "not_equal",
        /// Left is greater.
        Greater = "greater",
        /// Left is greater or the same.
        GreaterOrEqual = "greater_or_equal",
        /// Left is less.
        Less = "less",
        /// Left is less or the same.
        LessOrEqual = "less_or_equal",
        /// Left is a moment in the future.
        GreaterThanNow = "greater_than_now",
        /// Left is a moment in the past.
        LessThanNow = "less_than_now",
        /// Left lies between two values, both included.
        Between = "between",
        /// Left, a text or a list, holds right.
        Contains = "contains",
        /// Not `contains`.
        NotContains = "not_contains",
        /// Left begins with right.
        BeginsWith = "begins_with",
        /// Not `begins_with`.
        NotBeginsWith = "not_begins_with",
        /// Left ends with right.
        EndsWith = "ends_with",
        /// Not `ends_with`.
        NotEndsWith = "not_ends_with",
        /// Nothing, an empty text, list or map; `0` and `false` are not empty.
        Empty = "is_empty" | "empty",
        /// Not `is_empty`.
        NotEmpty = "is_not_empty" | "not_empty",
        /// Left matches the regular expression on the right, in linear time.
        Matches = "matches",
        /// Left is one of the list on the right.
        In = "in",
        /// Not `in`.
        NotIn = "not_in",
    }
}

impl Operator {
    /// The words of the operators that take no right value.
    pub const UNARY_WORDS: &'static [&'static str] = &[
        "is_empty",
        "empty",
        "is_not_empty",
        "not_empty",
        "greater_than_now",
        "less_than_now",
    ];

    /// The words of the operators that take a right value.
    pub const BINARY_WORDS: &'static [&'static str] = &[
        "equal",
        "not_equal",
        "greater",
        "greater_or_equal",
        "less",
        "less_or_equal",
        "between",
        "contains",
        "not_contains",
        "begins_with",
        "not_begins_with",
        "ends_with",
        "not_ends_with",
        "matches",
        "in",
        "not_in",
    ];

    /// Whether the operator takes no right value.
    #[must_use]
    pub const fn is_unary(self) -> bool {
        matches!(
            self,
            Self::Empty | Self::NotEmpty | Self::GreaterThanNow | Self::LessThanNow
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_and_the_unary_words_are_those_of_unary_operators() {
        for word in Operator::WORDS {
            let operator: Operator = serde_json::from_value((*word).into()).unwrap();
            assert_eq!(operator.is_unary(), Operator::UNARY_WORDS.contains(word));
            assert_eq!(operator.is_unary(), !Operator::BINARY_WORDS.contains(word));
        }
    }

    #[test]
    fn both_spellings_of_emptiness_are_one_operator() {
        for (a, b) in [("is_empty", "empty"), ("is_not_empty", "not_empty")] {
            let a: Operator = serde_json::from_value(a.into()).unwrap();
            let b: Operator = serde_json::from_value(b.into()).unwrap();
            assert_eq!(a, b);
        }
    }
}
