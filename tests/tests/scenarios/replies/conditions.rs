//! Conditions and switches decide what a caller gets. A sample: the whole table of operators is tested where they are.

use serde_json::{Value, json};
use testkit::http;

use super::platform::publish;

fn text(id: &str, text: &str) -> Value {
    json!({ "id": id, "type": "respond", "return_type": "data", "return_data": text })
}

async fn decides(name: &str, question: Value, cases: &[(Value, bool)]) {
    let mut step = question;
    step["id"] = json!("question");
    step["type"] = json!("condition");
    step["yes"] = json!([text("on_yes", "yes")]);
    step["no"] = json!([text("on_no", "no")]);
    let url = publish(
        name,
        "sync",
        json!({"return_type": "continue"}),
        json!([step]),
    )
    .await;
    for (body, expected) in cases {
        let response = http::client().post(&url).json(body).send().await.unwrap();
        let told = response.text().await.unwrap();
        assert_eq!(
            told,
            if *expected { "yes" } else { "no" },
            "{name} of {body}"
        );
    }
}

#[tokio::test]
async fn operators_decide_over_what_the_caller_sent() {
    let of = |operator: &str, right: Value| json!({ "left": "{{ __data.v }}", "operator": operator, "right": right });
    let v = |value: Value| json!({ "v": value });
    decides(
        "op-less",
        of("less", json!(10000)),
        &[(v(json!("9")), true), (v(json!(10000)), false)],
    )
    .await;
    decides(
        "op-between",
        of("between", json!([1, 5])),
        &[(v(json!(5)), true), (v(json!("5.1")), false)],
    )
    .await;
    decides(
        "op-contains",
        of("contains", json!("b")),
        &[
            (v(json!(["a", "b"])), true),
            (v(json!(["ab"])), false),
            (v(json!("abc")), true),
        ],
    )
    .await;
    decides(
        "op-begins",
        of("begins_with", json!("a")),
        &[(v(json!("abc")), true), (v(json!("Abc")), false)],
    )
    .await;
    decides(
        "op-matches",
        of("matches", json!("^[a-z]+$")),
        &[(v(json!("abc")), true), (v(json!("ab1")), false)],
    )
    .await;
    decides(
        "op-in",
        of("in", json!(["x", "y"])),
        &[(v(json!("y")), true), (v(json!("z")), false)],
    )
    .await;
    let empty = json!({ "left": "{{ __data.v }}", "operator": "is_empty" });
    decides(
        "op-empty",
        empty,
        &[
            (json!({}), true),
            (v(json!("")), true),
            (v(json!(0)), false),
            (v(json!(false)), false),
        ],
    )
    .await;
    let past = json!({ "left": "{{ __data.v }}", "operator": "less_than_now" });
    decides(
        "op-past",
        past,
        &[
            (v(json!("2020-01-01")), true),
            (v(json!("2990-01-01T00:00:00Z")), false),
        ],
    )
    .await;
}

#[tokio::test]
async fn groups_of_questions_nest() {
    let groups = json!({ "all": [
        { "left": "{{ __data.v }}", "operator": "greater", "right": 3 },
        { "any": [
            { "left": "{{ __data.w }}", "operator": "is_empty" },
            { "left": "{{ __data.w }}", "operator": "equal", "right": "GO", "ignore_case": true },
        ] },
    ] });
    decides(
        "op-groups",
        groups,
        &[
            (json!({"v": 4}), true),
            (json!({"v": 4, "w": "go"}), true),
            (json!({"v": 4, "w": "no"}), false),
            (json!({"v": 3}), false),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_switch_takes_the_first_case_that_holds_and_else_its_default() {
    let steps = json!([{
        "id": "route", "type": "switch", "value": "{{ __data.kind }}",
        "cases": [
            { "operator": "equal", "right": "a", "then": [text("one", "first")] },
            { "operator": "begins_with", "right": "a", "then": [text("two", "second")] },
            { "left": "{{ __data.n }}", "operator": "greater", "right": 5, "then": [text("three", "third")] },
        ],
        "default": [text("other", "default")],
    }]);
    let url = publish(
        "op-switch",
        "sync",
        json!({"return_type": "continue"}),
        steps,
    )
    .await;
    for (body, expected) in [
        (json!({"kind": "a", "n": 9}), "first"),
        (json!({"kind": "ab"}), "second"),
        (json!({"kind": "b", "n": "6"}), "third"),
        (json!({"kind": "b", "n": 5}), "default"),
        (json!({}), "default"),
    ] {
        let response = http::client().post(&url).json(&body).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), expected, "{body}");
    }
}
