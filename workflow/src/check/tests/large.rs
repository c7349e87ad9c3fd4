//! Documents that are made to keep the check busy, and reports that nobody would read.

use super::super::{Options, Severity, check};
use super::{assert_compiles, document, judge, lines};
use serde_json::{Value, json};

fn with_steps(steps: &[Value]) -> Value {
    json!({
        "apiVersion": "earshot/v1", "kind": "Workflow", "metadata": {"name": "test"},
        "spec": {
            "record_type": "virtual", "source": "listener", "run_mode": "sync",
            "listener": {"return_type": "data", "return_data": "ok"}, "steps": steps,
        },
    })
}

fn secret(n: usize) -> Value {
    json!({"id": format!("s{n}"), "type": "store_value", "name": format!("n{n}"), "value": "{{ secret('K') }}"})
}

#[test]
fn of_far_too_many_steps_only_their_number_is_judged() {
    let logs = |message: &str| {
        let log = |n| json!({"id": format!("s{n}"), "type": "log", "message": message});
        with_steps(&(0..30_000).map(log).collect::<Vec<_>>())
    };
    for document in [
        logs("m"),
        logs("{{ broken"),
        with_steps(&(0..30_000).map(secret).collect::<Vec<_>>()),
    ] {
        let report = check(&document, Options::default());
        assert_eq!(lines(&report), ["error too_many_steps spec.steps"]);
        let message = &report.problems[0].message;
        assert!(message.contains("30000 steps; 500"), "{message}");
        assert!(!report.passes());
    }
}

#[test]
fn a_report_has_two_hundred_problems_at_most_and_counts_the_others() {
    let steps: Vec<Value> = (0..30_000)
        .map(|n| json!({"id": format!("s{n}")}))
        .collect();
    let report = check(&with_steps(&steps), Options::default());
    assert_eq!(report.problems.len(), 200);
    let last = report.problems.last().unwrap();
    assert_eq!(
        (last.code, last.severity),
        ("more_problems", Severity::Error)
    );
    // Each step lacks its type, and there are too many.
    assert_eq!(last.message, "there are 29802 more problems");
    assert!(!last.hint.is_empty());
    assert!(report.problems.iter().any(|p| p.code == "too_many_steps"));
}

#[test]
fn a_long_list_of_warnings_ends_with_a_warning_and_the_document_passes() {
    let names: Vec<String> = (0..300).map(|n| format!("{{{{ name{n} }}}}")).collect();
    let text = document(&format!(
        "listener: {{return_type: data, return_data: '{}'}}",
        names.concat()
    ));
    let report = judge(&text);
    assert_eq!(report.problems.len(), 200);
    let last = report.problems.last().unwrap();
    assert_eq!(
        (last.code, last.severity),
        ("more_problems", Severity::Warning)
    );
    assert_eq!(last.message, "there are 101 more problems");
    assert!(report.passes());
}

#[test]
fn five_hundred_steps_with_secrets_and_thousands_of_scripts_are_judged() {
    let mut steps: Vec<Value> = (0..499).map(secret).collect();
    let reads = (0..5_000).map(|n| {
        (
            format!("q{n}"),
            json!(format!("{{{{ __data.n{} }}}}", n % 499)),
        )
    });
    let query = Value::Object(reads.collect());
    steps.push(
        json!({"id": "z", "type": "http_request", "url": "https://a.example", "query": query}),
    );
    let report = check(&with_steps(&steps), Options::default());
    assert_eq!(lines(&report), Vec::<String>::new());
    steps.pop();
    steps.push(json!({"id": "z", "type": "log", "message": "{{ __data.n7 }}{{ __data.n3.a }}"}));
    let report = check(&with_steps(&steps), Options::default());
    assert_eq!(
        lines(&report),
        ["warning secret_shown spec.steps[499].message"]
    );
    let message = &report.problems[0].message;
    assert!(message.contains("`__data.n3`"), "{message}");
}

#[test]
fn a_switch_of_thousands_of_cases_is_judged() {
    let case = |n: usize| json!({"operator": "equal", "right": format!("v{n}")});
    let mut cases: Vec<Value> = (0..10_000).map(case).collect();
    cases.push(case(7));
    cases.push(json!({"operator": "not_equal", "right": "v9"}));
    cases.push(case(10_001));
    let switch = json!({"id": "s", "type": "switch", "value": "{{ __data.x }}", "cases": cases});
    let report = check(&with_steps(&[switch]), Options::default());
    assert_eq!(
        lines(&report),
        [
            "error unreachable spec.steps[0].cases[10000]",
            "error unreachable spec.steps[0].cases[10002]"
        ]
    );
}

#[test]
fn regular_expressions_past_their_number_are_not_compiled() {
    let case = |n: usize| json!({"operator": "matches", "right": format!("a{n}(")});
    let good = |n: usize| json!({"operator": "matches", "right": format!("a{n}")});
    let cases: Vec<Value> = (0..500).map(good).chain((500..700).map(case)).collect();
    let switch = json!({"id": "s", "type": "switch", "value": "{{ __data.x }}", "cases": cases});
    let report = check(&with_steps(&[switch]), Options::default());
    assert_eq!(
        lines(&report),
        ["error regular_expression spec.steps[0].cases[500].right"]
    );
    let message = &report.problems[0].message;
    assert!(message.contains("more than 500"), "{message}");
}

#[test]
fn documents_pass_and_compile_however_deep_they_nest_until_one_is_refused_for_it() {
    let mut steps =
        json!([{"id": "last", "type": "store_value", "name": "v", "value": [["{{ 1 }}"]]}]);
    let mut passed = 0;
    loop {
        let report = check(&with_steps(steps.as_array().unwrap()), Options::default());
        assert_compiles(&report, "a deep document");
        if !report.passes() {
            assert_eq!(lines(&report), ["error too_deep "]);
            break;
        }
        passed += 1;
        let test = json!({"left": "{{ __data.x }}", "operator": "empty"});
        let (mut step, way) = match passed % 4 {
            0 => (json!({"type": "log", "message": "m"}), "then"),
            1 => (json!({"type": "condition", "all": [test]}), "no"),
            2 => (
                json!({"type": "condition", "any": [{"all": [test]}]}),
                "yes",
            ),
            _ => (
                json!({"type": "http_request", "timeout": 1, "url": "https://a.example"}),
                "on_failure",
            ),
        };
        step["id"] = json!(format!("s{passed}"));
        step[way] = steps;
        steps = json!([step]);
    }
    assert!(passed > 40, "{passed}");
}
