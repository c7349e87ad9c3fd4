//! What bad scripts are told.

use script::{EvalError, Target};
use serde_json::json;

use super::{compile, rendered};

fn fault(source: &str) -> (u32, u32, String) {
    let error = compile(source, Target::Text).map(|_| ()).expect_err(source);
    let hint = error
        .hint
        .map(|hint| format!(" ({hint})"))
        .unwrap_or_default();
    (error.line, error.column, format!("{}{hint}", error.message))
}

#[test]
fn a_syntax_error_names_its_place_the_text_there_and_what_was_expected() {
    for (source, line, column, message) in [
        (
            "a\n  {{ 1 + }}",
            2,
            10,
            "unexpected the end of the tag, expected a value",
        ),
        (
            "{{ a b }}",
            1,
            6,
            "unexpected `b`, expected the end of the tag",
        ),
        ("{{ a", 1, 1, "`{{` is never closed, expected `}}`"),
        (
            "{% if a %}",
            1,
            4,
            "`if` is never closed, expected `{% endif %}`",
        ),
        ("é{% endif %}", 1, 5, "`endif` closes nothing here"),
        ("{% for x of y %}", 1, 10, "unexpected `of`, expected `in`"),
        ("{{ [1, 2 }}", 1, 4, "`[` is never closed"),
        (
            "{{ a.b() }}",
            1,
            6,
            "the language has no methods: `b` cannot be called",
        ),
        (
            "{{ 'a' matches '/(/' }}",
            1,
            16,
            "the pattern `/(/` cannot be read: unclosed group",
        ),
    ] {
        assert_eq!(
            fault(source),
            (line, column, message.to_owned()),
            "{source}"
        );
    }
}

#[test]
fn an_unknown_name_is_told_the_nearest_one() {
    for (source, message) in [
        (
            "{{ a|uper }}",
            "unknown filter `uper` (did you mean `upper`?)",
        ),
        (
            "{{ number_format(1) }}",
            "unknown function `number_format` (did you mean `numberFormat`?)",
        ),
        (
            "{{ a is defind }}",
            "unknown test `defind` (did you mean `defined`?)",
        ),
        ("{% fro a %}", "unknown tag `fro` (did you mean `for`?)"),
        (
            "{% elif a %}",
            "unknown tag `elif` (did you mean `elseif`?)",
        ),
        ("{{ a|xyzzyq }}", "unknown filter `xyzzyq`"),
    ] {
        assert_eq!(fault(source).2, message, "{source}");
    }
}

#[test]
fn a_wrong_argument_is_named() {
    for (source, message) in [
        (
            "{{ a|round(1, 2, 3, 4) }}",
            "`round` takes no more arguments (its arguments are: precision, method)",
        ),
        (
            "{{ a|round(digits=1) }}",
            "`round` has no argument `digits` (its arguments are: precision, method)",
        ),
        ("{{ a|split }}", "`split` needs its argument `delimiter`"),
        (
            "{{ a|round(1, precision=2) }}",
            "`round` gets an argument twice",
        ),
    ] {
        assert_eq!(fault(source).2, message, "{source}");
    }
}

#[test]
fn what_the_language_leaves_out_is_said_to_be_left_out() {
    for source in [
        "{% extends 'a' %}",
        "{% include 'a' %}",
        "{% macro a() %}",
        "{% sandbox %}",
        "{{ include('a') }}",
    ] {
        assert!(
            fault(source).2.starts_with("the language has no "),
            "{source}: {}",
            fault(source).2
        );
    }
}

#[test]
fn a_failure_at_run_time_has_the_place_in_the_authors_text() {
    let failed = |source: &str| match rendered(source, Target::Text, &json!({"l": [1], "s": "x"}))
        .unwrap_err()
    {
        EvalError::Failed {
            line,
            column,
            message,
        } => (line, column.unwrap(), message),
        other => panic!("{other}"),
    };
    assert_eq!(
        failed("a\n\n{{ 1 }} {{ 1 / 0 }}"),
        (3, 12, "division by zero".to_owned())
    );
    assert_eq!(
        failed("{% if 1 %}\n  {{ __data.l + 1 }}{% endif %}"),
        (2, 6, "`+` needs numbers, not a list".to_owned())
    );
    assert_eq!(
        failed("{{ __data.l|round }}"),
        (
            1,
            13,
            "`round`: the argument `value` must be a number".to_owned()
        )
    );
    assert_eq!(
        failed("{{ 1|round(1, 'up') }}"),
        (
            1,
            6,
            "`round`: the argument `method` must be common, ceil or floor".to_owned()
        )
    );
    assert_eq!(
        failed("{{ secret('NO') }}"),
        (1, 4, "`secret`: there is no secret `NO`".to_owned())
    );
}
