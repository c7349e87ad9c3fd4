//! Equality and order of two values.

use std::cmp::Ordering;

use minijinja::value::ValueKind;
use script::Value;

use super::moment;
use super::number::Decimal;
use super::print::{folded, printed};

/// Lists and maps nested deeper than this are never equal; JSON cannot bring any that deep.
const MAX_DEPTH: u32 = 128;

/// Whether two values are the same number, moment, text, list or map.
pub(super) fn equal(left: &Value, right: &Value, ignore_case: bool) -> bool {
    equal_within(left, right, ignore_case, MAX_DEPTH)
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

fn equal_within(left: &Value, right: &Value, ignore_case: bool, depth: u32) -> bool {
    match (is_container(left), is_container(right)) {
        (false, false) => equal_scalars(left, right, ignore_case),
        (true, true) => equal_containers(left, right, ignore_case, depth),
        _ => false,
    }
}

fn equal_containers(left: &Value, right: &Value, ignore_case: bool, depth: u32) -> bool {
    let Some(deeper) = depth.checked_sub(1) else {
        return false;
    };
    if is_list(left) != is_list(right) || left.len() != right.len() {
        return false;
    }
    if is_list(left) {
        let (left, right) = (items(left), items(right));
        return left.len() == right.len()
            && left
                .iter()
                .zip(&right)
                .all(|(a, b)| equal_within(a, b, ignore_case, deeper));
    }
    left.try_iter().into_iter().flatten().all(|key| {
        let (Ok(a), Ok(b)) = (left.get_item(&key), right.get_item(&key)) else {
            return false;
        };
        a.is_undefined() == b.is_undefined() && equal_within(&a, &b, ignore_case, deeper)
    })
}

fn equal_scalars(left: &Value, right: &Value, ignore_case: bool) -> bool {
    match (left.kind(), right.kind()) {
        (ValueKind::Bool, ValueKind::Bool) => left.is_true() == right.is_true(),
        (ValueKind::Bool, _) => equals_flag(right, left.is_true(), ignore_case),
        (_, ValueKind::Bool) => equals_flag(left, right.is_true(), ignore_case),
        _ => equal_texts(left, right, ignore_case),
    }
}

fn equals_flag(value: &Value, flag: bool, ignore_case: bool) -> bool {
    let text = folded(printed(value), ignore_case);
    match text.as_ref() {
        "1" | "true" => flag,
        "0" | "" | "false" => !flag,
        _ => false,
    }
}

fn equal_texts(left: &Value, right: &Value, ignore_case: bool) -> bool {
    let (a, b) = (printed(left), printed(right));
    // Two texts such as 0e1 and 0e2 may be hashes: only beside a true number are they numbers.
    let exponents = left.is_number() || right.is_number();
    if let (Some(a), Some(b)) = (
        Decimal::of(left, &a, exponents),
        Decimal::of(right, &b, exponents),
    ) {
        return a == b;
    }
    if a == b {
        return true;
    }
    if let (Some(a), Some(b)) = (moment::parse(&a), moment::parse(&b)) {
        return a == b;
    }
    ignore_case && folded(a, true) == folded(b, true)
}
