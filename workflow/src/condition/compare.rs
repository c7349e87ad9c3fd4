//! Equality and order of two values.

use std::cmp::Ordering;

use minijinja::value::ValueKind;
use script::Value;

use super::form::Form;
use super::moment;
use super::number::Decimal;
use super::print::{folded, printed};

/// Whether two values are the same number, moment, text, list or map.
pub(super) fn equal(left: &Value, right: &Value, ignore_case: bool) -> bool {
    Form::of(right, ignore_case).equals(left)
}

/// Whether a list or map holds a value.
pub(super) fn holds_part(container: &Value, part: &Value, ignore_case: bool) -> bool {
    let part = Form::of(part, ignore_case);
    items(container).iter().any(|item| part.equals(item))
}

/// How two values relate; none where one is nothing, a list or a map.
pub(super) fn order(left: &Value, right: &Value, ignore_case: bool) -> Option<Ordering> {
    if is_container(left) || is_container(right) {
        return None;
    }
    let (a, b) = (printed(left), printed(right));
    if a.is_empty() || b.is_empty() {
        return None;
    }
    if let (Some(a), Some(b)) = (Decimal::of(left, &a, true), Decimal::of(right, &b, true)) {
        return Some(a.cmp(&b));
    }
    if let (Some(a), Some(b)) = (moment::parse(&a), moment::parse(&b)) {
        return Some(a.cmp(&b));
    }
    Some(folded(a, ignore_case).cmp(&folded(b, ignore_case)))
}

/// Whether a value is a list or a map.
pub(super) fn is_container(value: &Value) -> bool {
    is_list(value) || value.kind() == ValueKind::Map
}

/// Whether a value is a list.
pub(super) fn is_list(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable)
}

/// The items of a list, or the values of a map.
pub(super) fn items(value: &Value) -> Vec<Value> {
    let keys = value.try_iter().into_iter().flatten();
    if value.kind() == ValueKind::Map {
        keys.map(|key| value.get_item(&key).unwrap_or_default())
            .collect()
    } else {
        keys.collect()
    }
}
