//! What a workflow says about what is kept.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::document::document;
use testkit::http::client;

use super::platform::{ended, says, stack, whole};

/// A workflow that fails where the query says so, and keeps as `run_log` says.
async fn published(name: &str, run_log: Value) -> String {
    let steps = json!([{
        "id": "asked", "type": "condition", "left": "{{ __data.fail }}", "operator": "is_not_empty",
        "yes": [{"id": "end", "type": "stop", "outcome": "failure", "message": "as asked"}],
    }]);
    let mut document = document(name, "sync", &says("0123456789"), &steps);
    document["spec"]["run_log"] = run_log;
    let control = stack().await.control();
    let url = control.publish_new(&document.to_string()).await.url;
    for query in ["", "?fail=1", ""] {
        client().get(format!("{url}{query}")).send().await.unwrap();
    }
    url
}

#[tokio::test]
async fn a_workflow_decides_of_which_runs_there_is_a_record_and_how_much() {
    published("keep-none", json!({"keep": "none"})).await;
    published("keep-failures", json!({"keep": "failures"})).await;
    // The last to be told: what was told before is there once this is.
    published("keep-all", json!({"max_body_bytes": 4})).await;
    let control = stack().await.control();
    let all = ended(&control, "keep-all", 3).await;
    let body = whole(&control, &all[0]).await["reply"]["body"].clone();
    assert_eq!(body, json!({"text": "0123", "size": 10, "truncated": true}));
    let failures = ended(&control, "keep-failures", 1).await;
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0]["state"], "failed");
    assert_eq!(failures[0]["error"], "as asked");
    let none = control.get("/runs?workflow=keep-none").await.body;
    assert_eq!(none["items"], json!([]));
}

#[tokio::test]
async fn a_setting_that_is_none_is_refused_where_it_stands() {
    let control = stack().await.control();
    for (run_log, path) in [
        (json!({"keep": "some"}), "spec.run_log.keep"),
        (
            json!({"max_body_bytes": 300_000}),
            "spec.run_log.max_body_bytes",
        ),
        (json!({"days": 3}), "spec.run_log.days"),
    ] {
        let mut document = document("keep-odd", "sync", &says("ok"), &json!([]));
        document["spec"]["run_log"] = run_log;
        let checked = control
            .request(Method::POST, "/workflows/validate")
            .json(&document);
        let body = control.send(checked).await.body;
        assert_eq!(body["problems"][0]["path"], path, "{body:#}");
        assert_eq!(body["problems"][0]["severity"], "error", "{body:#}");
    }
}
