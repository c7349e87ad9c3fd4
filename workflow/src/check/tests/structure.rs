//! Mistakes of structure, each on its own. The JSON Schema must refuse each of them too.

use super::structure_cases::cases;
use super::{answers, assert_fine, judge, listens};
use crate::schema::schema;

#[test]
fn each_mistake_of_structure_is_reported_once_at_its_place() {
    for (text, expected) in cases() {
        let report = judge(&text);
        let errors: Vec<String> = super::lines(&report)
            .into_iter()
            .filter(|line| line.starts_with("error"))
            .collect();
        assert_eq!(errors, [expected], "{:#?}\nin\n{text}", report.problems);
        assert!(
            report
                .problems
                .iter()
                .all(|problem| !problem.hint.is_empty())
        );
        assert!(!report.passes());
    }
}

#[test]
fn the_schema_refuses_each_mistake_of_structure() {
    let schema = jsonschema::draft7::new(&schema()).unwrap();
    for (text, expected) in cases() {
        let value = crate::document::parse(&text).unwrap();
        assert!(!schema.is_valid(&value), "{expected} in\n{text}");
    }
}

#[test]
fn a_misspelt_field_is_reported_once_with_the_name_that_was_meant() {
    let text = listens("retrun_type: data, return_data: ok");
    let report = judge(&text);
    assert_eq!(
        super::lines(&report),
        ["error unknown_field spec.listener.retrun_type"]
    );
    assert_eq!(report.problems[0].hint, "did you mean `return_type`?");
}

#[test]
fn a_problem_in_a_step_names_the_step() {
    let report = judge(&answers(
        "- {id: first, type: log, message: m, level: loud}",
    ));
    assert_eq!(report.problems[0].step.as_deref(), Some("first"));
}

#[test]
fn steps_are_optional_where_the_listener_answers_by_itself() {
    for fields in [
        "return_type: data, return_data: ok",
        "return_type: html, return_html: <p>ok</p>",
        "return_type: redirect, return_redirect: /thanks",
    ] {
        assert_fine(&listens(fields));
    }
}

#[test]
fn yes_and_no_are_words_and_not_booleans() {
    assert_fine(&answers(
        "- id: a\n  type: condition\n  left: '{{ __data.x }}'\n  operator: equal\n  right: no\n  \
         yes: [{id: b, type: log, message: m}]\n  no: [{id: c, type: log, message: m}]\n",
    ));
}

#[test]
fn a_tree_as_deep_as_the_format_allows_is_judged_and_a_deeper_one_refused() {
    let nested = |depth: usize| {
        let mut step = serde_json::json!({"id": "end", "type": "log", "message": "m"});
        for level in 0..depth {
            step = serde_json::json!({"id": format!("c{level}"), "type": "condition",
                "left": "{{ __data.x }}", "operator": "empty", "yes": [step]});
        }
        serde_json::json!({"apiVersion": "earshot/v1", "kind": "Workflow",
            "metadata": {"name": "deep"},
            "spec": {"record_type": "virtual", "source": "listener", "run_mode": "sync",
                "listener": {"return_type": "data", "return_data": "ok"}, "steps": [step]}})
    };
    assert_fine(&nested(47).to_string());
    let report = super::super::check(&nested(120), super::Options::default());
    assert_eq!(super::lines(&report), ["error too_deep "]);
    assert_eq!(judge(&nested(120).to_string()).problems[0].code, "syntax");
}
