//! Values against each other, and as true or false: PHP 8's loose comparison, as Twig uses it.

use std::cmp::Ordering;

use minijinja::Value;
use minijinja::value::ValueKind;

use super::number::{Num, exactly, float_text};
use super::{text, walk};

/// Whether a value counts as true: not `0`, empty text, `"0"`, an empty list or map, null, undefined.
pub(crate) fn is_true(value: &Value) -> bool {
    match value.as_str() {
        Some(text) => !text.is_empty() && text != "0",
        None => value.is_true(),
    }
}

/// Whether a value is null or undefined.
pub(crate) fn is_nothing(value: &Value) -> bool {
    value.is_undefined() || value.is_none()
}

/// Whether a value is empty: nothing, false, empty text, an empty list or map. `0` is not.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => true,
        ValueKind::Bool => !value.is_true(),
        ValueKind::String => value.as_str() == Some(""),
        _ if walk::is_container(value) => value.len() == Some(0),
        _ => false,
    }
}

/// `left == right`.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    order(left, right) == Some(Ordering::Equal)
}

/// `left <=> right`; `None` for maps that cannot be ordered.
pub(crate) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    use ValueKind as K;
    let (left_kind, right_kind) = (left.kind(), right.kind());
    match (left_kind, right_kind) {
        (K::String, K::String) => Some(order_texts(
            left.as_str().unwrap_or_default(),
            right.as_str().unwrap_or_default(),
        )),
        (K::Undefined | K::None, K::String) => Some("".cmp(right.as_str().unwrap_or_default())),
        (K::String, K::Undefined | K::None) => Some(left.as_str().unwrap_or_default().cmp("")),
        (K::Bool | K::Undefined | K::None, _) | (_, K::Bool | K::Undefined | K::None) => {
            Some(is_true(left).cmp(&is_true(right)))
        }
        (K::Number, K::Number | K::String) | (K::String, K::Number) => order_numbers(left, right),
        _ => match (walk::is_container(left), walk::is_container(right)) {
            (true, true) => order_containers(left, right),
            (true, false) => Some(Ordering::Greater),
            (false, true) => Some(Ordering::Less),
            (false, false) => Some(text::of(left).cmp(&text::of(right))),
        },
    }
}

fn order_texts(left: &str, right: &str) -> Ordering {
    if let (Some(left), Some(right)) = (super::number::of_text(left), super::number::of_text(right))
    {
        return order_nums(left, right).unwrap_or(Ordering::Greater);
    }
    left.cmp(right)
}

fn order_numbers(left: &Value, right: &Value) -> Option<Ordering> {
    match (exactly(left), exactly(right)) {
        (Some(left), Some(right)) => order_nums(left, right),
        (Some(Num::Float(number)), None) => Some(
            float_text(number)
                .as_str()
                .cmp(right.as_str().unwrap_or_default()),
        ),
        (None, Some(Num::Float(number))) => {
            Some(left.as_str().unwrap_or_default().cmp(&float_text(number)))
        }
        _ => Some(text::of(left).cmp(&text::of(right))),
    }
}

fn order_nums(left: Num, right: Num) -> Option<Ordering> {
    match (left, right) {
        (Num::Int(left), Num::Int(right)) => Some(left.cmp(&right)),
        _ => left.as_f64().partial_cmp(&right.as_f64()),
    }
}

fn order_containers(left: &Value, right: &Value) -> Option<Ordering> {
    let by_length = left.len().cmp(&right.len());
    if by_length != Ordering::Equal {
        return Some(by_length);
    }
    for (key, value) in walk::pairs(left) {
        let other = walk::member(right, &key)?;
        let ordering = order(&value, &other)?;
        if ordering != Ordering::Equal {
            return Some(ordering);
        }
    }
    Some(Ordering::Equal)
}

/// `left is same as(right)`: of one kind, and equal without any conversion.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    if is_nothing(left) || is_nothing(right) {
        return is_nothing(left) && is_nothing(right);
    }
    if left.kind() != right.kind() {
        return false;
    }
    match left.kind() {
        ValueKind::Number => left.is_integer() == right.is_integer() && left == right,
        _ if walk::is_container(left) => {
            let (left, right) = (walk::pairs(left), walk::pairs(right));
            left.len() == right.len()
                && left
                    .iter()
                    .zip(&right)
                    .all(|((left_key, left), (right_key, right))| {
                        text::of(left_key) == text::of(right_key) && same(left, right)
                    })
        }
        _ => left == right,
    }
}

/// `needle in haystack`: an item of a list or map, or a part of a text.
pub(crate) fn is_in(needle: &Value, haystack: &Value) -> bool {
    if walk::is_container(haystack) {
        return walk::values(haystack)
            .iter()
            .any(|item| equal(needle, item));
    }
    let Some(haystack) = haystack.as_str() else {
        return false;
    };
    if !matches!(needle.kind(), ValueKind::String | ValueKind::Number) {
        return false;
    }
    haystack.contains(text::of(needle).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_compare_as_in_php_8() {
        let text = |text: &str| Value::from(text);
        assert!(equal(&text("1"), &Value::from(1)));
        assert!(equal(&text("1e1"), &text("10")));
        assert!(!equal(&text("abc"), &Value::from(0)));
        assert!(equal(&Value::from(()), &Value::from(false)));
        assert!(equal(&Value::from(()), &text("")));
        assert!(!equal(&Value::from(()), &text("0")));
        assert!(equal(&Value::from(false), &text("0")));
        assert!(equal(
            &Value::from(vec![1, 2]),
            &Value::from(vec!["1", "2"])
        ));
        assert_eq!(
            order(&text("9"), &Value::from(10_000)),
            Some(Ordering::Less)
        );
        assert_eq!(
            order(&Value::from(vec![9]), &Value::from(vec![1, 2])),
            Some(Ordering::Less)
        );
        assert!(!same(&Value::from(1), &Value::from(1.0)));
        assert!(same(&Value::from(vec![1]), &Value::from(vec![1])));
    }

    #[test]
    fn true_and_empty_are_those_of_php_and_twig() {
        assert!(!is_true(&Value::from("0")));
        assert!(is_true(&Value::from("0.0")));
        assert!(!is_empty(&Value::from(0)));
        assert!(is_empty(&Value::from(Vec::<i32>::new())));
    }
}
