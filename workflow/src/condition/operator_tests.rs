//! Every operator on pairs of values of every type.

use jiff::Timestamp;
use script::Value;
use serde_json::{Value as Json, json};

use super::{Right, holds};
use crate::document::Operator;

fn operator(word: &str) -> Operator {
    serde_json::from_value(json!(word)).unwrap()
}

fn value(json: &Json) -> Value {
    // JSON has no word for undefined.
    if json == &json!("<undefined>") {
        Value::UNDEFINED
    } else {
        script::json_to_value(json)
    }
}

fn decide(left: &Json, word: &str, right: &Json, ignore_case: bool) -> bool {
    let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    holds(
        &value(left),
        operator(word),
        Right::Value(&value(right)),
        ignore_case,
        now,
    )
}

/// Holds the rows against an operator, and its opposite against the other way round.
fn table(word: &str, opposite: Option<&str>, rows: &[(Json, Json, bool)]) {
    for (left, right, expected) in rows {
        assert_eq!(
            decide(left, word, right, false),
            *expected,
            "{left} {word} {right}"
        );
        if let Some(opposite) = opposite {
            assert_eq!(
                decide(left, opposite, right, false),
                !expected,
                "{left} {opposite} {right}"
            );
        }
    }
}

#[test]
fn equal_compares_numbers_dates_texts_lists_and_maps() {
    let rows = [
        (json!(1), json!(1), true),
        (json!(1), json!("1"), true),
        (json!("1.0"), json!(1), true),
        (json!("01"), json!("1"), true),
        (json!(0.1), json!("0.10"), true),
        (json!(1000), json!("1e3"), true),
        (json!("1000"), json!("1e3"), false),
        (json!("0e1"), json!("0e2"), false),
        (
            json!("12345678901234567890123"),
            json!("12345678901234567890124"),
            false,
        ),
        (
            json!(9_007_199_254_740_993_u64),
            json!("9007199254740992"),
            false,
        ),
        (json!(1), json!("one"), false),
        (json!("a"), json!("a"), true),
        (json!("a"), json!("A"), false),
        (json!("a"), json!("a "), false),
        (json!("2026-03-01"), json!("2026-03-01T00:00:00Z"), true),
        (json!("2026-03-01"), json!("2026-03-02"), false),
        (json!(true), json!(true), true),
        (json!(true), json!(false), false),
        (json!(true), json!("true"), true),
        (json!(true), json!(1), true),
        (json!("1"), json!(true), true),
        (json!(true), json!("yes"), false),
        (json!(false), json!("false"), true),
        (json!(false), json!(0), true),
        (json!(false), json!("0"), true),
        (json!(false), json!(null), true),
        (json!(null), json!("<undefined>"), true),
        (json!(null), json!(""), true),
        (json!(null), json!(0), false),
        (json!(null), json!([]), false),
        (json!([1, "2"]), json!(["1", 2]), true),
        (json!([1, 2]), json!([2, 1]), false),
        (json!([1]), json!([1, 2]), false),
        (json!({"a": 1, "b": [2]}), json!({"b": ["2"], "a": 1}), true),
        (json!({"a": 1}), json!({"a": 1, "b": 2}), false),
        (json!({"a": null}), json!({"b": null}), false),
        (json!([1]), json!("[1]"), false),
        (json!([]), json!({}), false),
    ];
    table("equal", Some("not_equal"), &rows);
}

#[test]
fn order_compares_numbers_as_numbers_and_dates_as_moments() {
    let greater = [
        (json!("10000"), json!("9")),
        (json!(10000), json!("9")),
        (json!("9.5"), json!(9)),
        (json!(-1), json!("-2")),
        (json!("1e3"), json!("999")),
        (json!(0.3), json!("0.299999999999999999")),
        (json!("b"), json!("a")),
        (json!("a"), json!("B")),
        (json!("x10"), json!("9")),
        (json!(true), json!(0)),
        (
            json!("2026-03-01T10:00:00+00:00"),
            json!("2026-03-01T11:30:00+02:00"),
        ),
        (json!("2026-10-01"), json!("2026-09-30 23:59:59")),
        (json!("2026-03-01 10:00:01"), json!("2026-03-01 10:00")),
    ];
    for (left, right) in greater {
        for (word, expected) in [
            ("greater", true),
            ("greater_or_equal", true),
            ("less", false),
            ("less_or_equal", false),
        ] {
            assert_eq!(
                decide(&left, word, &right, false),
                expected,
                "{left} {word} {right}"
            );
            assert_eq!(
                decide(&right, word, &left, false),
                !expected,
                "{right} {word} {left}"
            );
        }
    }
    for (left, right) in [
        (json!("5"), json!(5.0)),
        (json!("a"), json!("a")),
        (json!("2026-03-01"), json!("2026-03-01 00:00")),
    ] {
        for (word, expected) in [
            ("greater", false),
            ("greater_or_equal", true),
            ("less", false),
            ("less_or_equal", true),
        ] {
            assert_eq!(
                decide(&left, word, &right, false),
                expected,
                "{left} {word} {right}"
            );
        }
    }
}

#[test]
fn nothing_lists_and_maps_are_neither_greater_nor_less() {
    let others = [
        json!(null),
        json!("<undefined>"),
        json!(""),
        json!([1]),
        json!({"a": 1}),
        json!(false),
    ];
    for left in &others {
        for right in others
            .iter()
            .chain(&[json!(5), json!("a"), json!("2026-03-01")])
        {
            for word in ["greater", "greater_or_equal", "less", "less_or_equal"] {
                assert!(!decide(left, word, right, false), "{left} {word} {right}");
                assert!(!decide(right, word, left, false), "{right} {word} {left}");
            }
        }
    }
}

#[test]
fn between_includes_its_ends() {
    let rows = [
        (json!(5), json!([1, 10]), true),
        (json!("1"), json!([1, 10]), true),
        (json!(10), json!(["1", "10"]), true),
        (json!(10.01), json!([1, 10]), false),
        (json!(0), json!([1, 10]), false),
        (json!("9"), json!(["1", "10000"]), true),
        (json!(5), json!([10, 1]), false),
        (json!("b"), json!(["a", "c"]), true),
        (
            json!("2026-03-01"),
            json!(["2026-03-01", "2026-03-31"]),
            true,
        ),
        (
            json!("2026-03-31 00:00:01"),
            json!(["2026-03-01", "2026-03-31"]),
            false,
        ),
        (json!(null), json!([0, 10]), false),
        (json!(5), json!([1]), false),
        (json!(5), json!(5), false),
        (json!(5), json!(null), false),
    ];
    table("between", None, &rows);
}

#[test]
fn a_moment_is_held_against_the_time_that_was_given() {
    for (left, future, past) in [
        ("2026-03-01T12:00:01Z", true, false),
        ("2026-03-01 12:00:00", false, false),
        ("2026-03-01 11:59", false, true),
        ("2026-03-01T13:30:00+02:00", false, true),
        ("2026-03-02", true, false),
        ("tomorrow", false, false),
        ("", false, false),
        ("1999999999", false, false),
    ] {
        assert_eq!(
            decide(&json!(left), "greater_than_now", &json!(null), false),
            future,
            "{left}"
        );
        assert_eq!(
            decide(&json!(left), "less_than_now", &json!(null), false),
            past,
            "{left}"
        );
    }
}

#[test]
fn contains_looks_into_texts_lists_and_maps() {
    let rows = [
        (json!("hello"), json!("ell"), true),
        (json!("hello"), json!("ELL"), false),
        (json!("hello"), json!(""), true),
        (json!(12345), json!(234), true),
        (json!(null), json!("a"), false),
        (json!(["a", "b"]), json!("a"), true),
        (json!(["ab"]), json!("a"), false),
        (json!([1, 2]), json!("2"), true),
        (json!([[1]]), json!([1]), true),
        (json!([]), json!(""), false),
        (json!([null]), json!(null), true),
        (json!({"k": "v"}), json!("v"), true),
        (json!({"k": "v"}), json!("k"), false),
        (json!("[1]"), json!([1]), false),
    ];
    table("contains", Some("not_contains"), &rows);
}

#[test]
fn beginnings_and_ends_are_those_of_the_printed_text() {
    let begins = [
        (json!("refs/heads/main"), json!("refs/"), true),
        (json!("refs/heads/main"), json!("Refs/"), false),
        (json!(2026), json!(20), true),
        (json!(null), json!("a"), false),
        (json!(["a"]), json!("a"), false),
    ];
    table("begins_with", Some("not_begins_with"), &begins);
    let ends = [
        (json!("a.pdf"), json!(".pdf"), true),
        (json!("a.PDF"), json!(".pdf"), false),
        (json!(2026), json!("26"), true),
        (json!(null), json!("a"), false),
        (json!(["a"]), json!("a"), false),
    ];
    table("ends_with", Some("not_ends_with"), &ends);
}

#[test]
fn zero_and_false_are_not_empty() {
    for (left, expected) in [
        (json!(null), true),
        (json!("<undefined>"), true),
        (json!(""), true),
        (json!([]), true),
        (json!({}), true),
        (json!(0), false),
        (json!("0"), false),
        (json!(false), false),
        (json!(" "), false),
        (json!([null]), false),
        (json!({"a": null}), false),
        (json!(0.0), false),
    ] {
        for (word, expected) in [
            ("is_empty", expected),
            ("empty", expected),
            ("is_not_empty", !expected),
            ("not_empty", !expected),
        ] {
            assert_eq!(
                decide(&left, word, &json!(null), false),
                expected,
                "{left} {word}"
            );
        }
    }
}

#[test]
fn in_asks_for_one_of_a_list() {
    let rows = [
        (json!("a"), json!(["a", "b"]), true),
        (json!(1), json!(["1"]), true),
        (json!("A"), json!(["a"]), false),
        (json!("a"), json!([]), false),
        (json!("a"), json!("abc"), false),
        (json!("a"), json!("a"), true),
        (json!("v"), json!({"k": "v"}), true),
        (json!(null), json!(["a"]), false),
    ];
    table("in", Some("not_in"), &rows);
}

#[test]
fn case_counts_only_until_it_is_ignored() {
    for (left, word, right) in [
        (json!("PUSH"), "equal", json!("push")),
        (json!("ÄÖ"), "equal", json!("äö")),
        (json!("Hello"), "contains", json!("ELL")),
        (json!(["A"]), "contains", json!("a")),
        (json!("Hello"), "begins_with", json!("hE")),
        (json!("Hello"), "ends_with", json!("LO")),
        (json!("X"), "in", json!(["x"])),
        (json!(["A"]), "equal", json!(["a"])),
        (json!("B"), "greater", json!("a")),
        (json!("M"), "between", json!(["a", "z"])),
    ] {
        assert!(!decide(&left, word, &right, false), "{left} {word} {right}");
        assert!(decide(&left, word, &right, true), "{left} {word} {right}");
    }
}

#[test]
fn a_pattern_matches_anywhere_in_the_printed_text() {
    let pattern = regex::Regex::new(r"^v\d+\.").unwrap();
    let now = Timestamp::UNIX_EPOCH;
    for (left, expected) in [
        (json!("v12.3"), true),
        (json!("av1.2"), false),
        (json!(null), false),
        (json!(1), false),
    ] {
        let right = Right::Pattern(&pattern);
        assert_eq!(
            holds(&value(&left), Operator::Matches, right, false, now),
            expected,
            "{left}"
        );
    }
}
