//! One operator on two values.

use std::cmp::Ordering;

use jiff::Timestamp;
use minijinja::value::ValueKind;
use regex::Regex;
use script::Value;

use super::compare::{equal, holds_part, is_container, items, order};
use super::moment;
use super::print::{folded, printed};
use crate::document::Operator;

/// The right side of a comparison.
#[derive(Clone, Copy, Debug)]
pub enum Right<'a> {
    /// A value; an undefined one for operators that take none.
    Value(&'a Value),
    /// The compiled pattern of `matches`, which knows about case itself.
    Pattern(&'a Regex),
}

/// Whether `left operator right` holds at the time `now`. A right side that does not fit the
/// operator makes it false.
#[must_use]
pub fn holds(
    left: &Value,
    operator: Operator,
    right: Right<'_>,
    ignore_case: bool,
    now: Timestamp,
) -> bool {
    let right = match right {
        Right::Pattern(pattern) => {
            return operator == Operator::Matches && pattern.is_match(&printed(left));
        }
        Right::Value(value) => value,
    };
    let ordered =
        |accepted: fn(Ordering) -> bool| order(left, right, ignore_case).is_some_and(accepted);
    match operator {
        Operator::Equal => equal(left, right, ignore_case),
        Operator::NotEqual => !equal(left, right, ignore_case),
        Operator::Greater => ordered(Ordering::is_gt),
        Operator::GreaterOrEqual => ordered(Ordering::is_ge),
        Operator::Less => ordered(Ordering::is_lt),
        Operator::LessOrEqual => ordered(Ordering::is_le),
        Operator::GreaterThanNow => {
            moment::parse(&printed(left)).is_some_and(|moment| moment > now)
        }
        Operator::LessThanNow => moment::parse(&printed(left)).is_some_and(|moment| moment < now),
        Operator::Between => between(left, right, ignore_case),
        Operator::Contains => contains(left, right, ignore_case),
        Operator::NotContains => !contains(left, right, ignore_case),
        Operator::BeginsWith => texts(left, right, ignore_case, |a, b| a.starts_with(b)),
        Operator::NotBeginsWith => !texts(left, right, ignore_case, |a, b| a.starts_with(b)),
        Operator::EndsWith => texts(left, right, ignore_case, |a, b| a.ends_with(b)),
        Operator::NotEndsWith => !texts(left, right, ignore_case, |a, b| a.ends_with(b)),
        Operator::Empty => is_empty(left),
        Operator::NotEmpty => !is_empty(left),
        Operator::In => is_in(left, right, ignore_case),
        Operator::NotIn => !is_in(left, right, ignore_case),
        // Its right side is always a pattern.
        Operator::Matches => false,
    }
}

fn between(left: &Value, right: &Value, ignore_case: bool) -> bool {
    let ends = if is_container(right) {
        items(right)
    } else {
        Vec::new()
    };
    let [low, high] = ends.as_slice() else {
        return false;
    };
    order(left, low, ignore_case).is_some_and(Ordering::is_ge)
        && order(left, high, ignore_case).is_some_and(Ordering::is_le)
}

fn contains(left: &Value, right: &Value, ignore_case: bool) -> bool {
    if is_container(left) {
        return holds_part(left, right, ignore_case);
    }
    texts(left, right, ignore_case, |a, b| a.contains(b))
}

fn is_in(left: &Value, right: &Value, ignore_case: bool) -> bool {
    if is_container(right) {
        return holds_part(right, left, ignore_case);
    }
    equal(left, right, ignore_case)
}

fn texts(left: &Value, right: &Value, ignore_case: bool, relation: fn(&str, &str) -> bool) -> bool {
    if is_container(left) || is_container(right) {
        return false;
    }
    relation(
        &folded(printed(left), ignore_case),
        &folded(printed(right), ignore_case),
    )
}

/// Nothing, an empty text, an empty list or map. Zero and `false` are something.
fn is_empty(value: &Value) -> bool {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => true,
        ValueKind::String | ValueKind::Bytes => value.len() == Some(0),
        _ if is_container(value) => value.len() == Some(0),
        _ => false,
    }
}
