//! What can be proved about a test without running it.

use super::script_field::is_static;
use crate::document::{Compare, Operator, Test};
use serde_json::Value;

/// Whether the test always holds or never does; none where only a run can tell. `value` is what a
/// comparison without a left value takes.
pub(super) fn outcome(test: &Test, value: Option<&Value>) -> Option<bool> {
    match test {
        Test::Compare(compare) => comparison(compare, value),
        Test::All(tests) => {
            let outcomes: Vec<_> = tests.iter().map(|test| outcome(test, value)).collect();
            if outcomes.contains(&Some(false)) {
                Some(false)
            } else if outcomes.contains(&None) {
                None
            } else {
                Some(true)
            }
        }
        Test::Any(tests) => {
            let outcomes: Vec<_> = tests.iter().map(|test| outcome(test, value)).collect();
            if outcomes.contains(&Some(true)) {
                Some(true)
            } else if outcomes.contains(&None) {
                None
            } else {
                Some(false)
            }
        }
    }
}

/// Only what is true of text beyond doubt is decided here; numbers and dates have many spellings.
fn comparison(compare: &Compare, value: Option<&Value>) -> Option<bool> {
    if compare.operator == Operator::In {
        let none = compare.right.as_ref()?.as_array()?.is_empty();
        return none.then_some(false);
    }
    if compare.operator == Operator::NotIn {
        let none = compare.right.as_ref()?.as_array()?.is_empty();
        return none.then_some(true);
    }
    let left = fixed(compare.left.as_ref().or(value)?)?;
    match compare.operator {
        Operator::Empty => Some(left.is_empty()),
        Operator::NotEmpty => Some(!left.is_empty()),
        Operator::Equal | Operator::NotEqual => {
            let right = fixed(compare.right.as_ref()?)?;
            let same = if left == right {
                true
            } else if is_word(&left) && is_word(&right) && !compare.ignore_case {
                false
            } else {
                return None;
            };
            Some(same == (compare.operator == Operator::Equal))
        }
        _ => None,
    }
}

/// The text of a value that no run changes.
fn fixed(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if is_static(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether the text is neither a number nor a date.
fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.contains(char::is_whitespace)
        && text.parse::<f64>().is_err()
}
