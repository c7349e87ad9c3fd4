//! Trying scripts out through the API.

use reqwest::Method;
use serde_json::{Value, json};

use super::platform::control;

async fn evaluate(body: &Value) -> (u16, Value) {
    let control = control().await;
    let request = control
        .request(Method::POST, "/scripts/evaluate")
        .json(body);
    let reply = control.send(request).await;
    (reply.status.as_u16(), reply.body)
}

#[tokio::test]
async fn a_script_is_evaluated_with_its_data_and_says_what_it_cost_and_missed() {
    let (status, tried) = evaluate(&json!({
        "template": "{\"n\": {{ __data.n + 1 }}, \"x\": \"{{ __data.x }}\"}",
        "data": {"n": 41},
    }))
    .await;
    assert_eq!(status, 200);
    assert_eq!(tried["result"], "{\"n\": 42, \"x\": \"\"}");
    assert_eq!(tried["content_type"], "application/json");
    assert_eq!(tried["undefined"][0]["name"], "__data.x");
    assert_eq!(tried["reads"], json!(["__data.n", "__data.x"]));
    assert!(tried["fuel"].as_u64().unwrap() > 0);
    assert_eq!(tried["error"], Value::Null);
}

#[tokio::test]
async fn a_script_that_is_wrong_or_never_ends_is_told_with_its_reason() {
    let (status, wrong) = evaluate(&json!({"template": "{{ 1|uper }}", "place": "html"})).await;
    assert_eq!(status, 200);
    assert_eq!(wrong["error"]["column"], 6);
    assert_eq!(wrong["result"], Value::Null);
    let endless = "{% for a in 1..9999 %}{% for b in 1..9999 %}{% endfor %}{% endfor %}";
    let (status, endless) = evaluate(&json!({"template": endless})).await;
    assert_eq!(status, 200);
    let why = endless["error"]["message"].as_str().unwrap();
    assert!(why.contains("crossed the bound"), "{why}");
}

#[tokio::test]
async fn what_is_no_trial_is_refused() {
    for body in [
        json!({}),
        json!({"template": "x", "data": [1]}),
        json!({"template": "x", "place": "moon"}),
        json!({"template": "x", "dat": {}}),
        json!(null),
    ] {
        let (status, problem) = evaluate(&body).await;
        assert_eq!(status, 400, "{body}: {problem}");
        assert_eq!(problem["code"], "invalid_request");
    }
}
