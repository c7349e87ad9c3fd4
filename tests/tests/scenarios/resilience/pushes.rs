use std::time::Duration;

use serde_json::{Value, json};
use testkit::document::document;
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::{Kind, Stack};
use testkit::until;

use super::documents::LOOPBACK;
use super::load::Answer;

const PATIENCE: Duration = Duration::from_secs(30);

async fn publish(stack: &Stack, name: &str, mode: &str, steps: &Value) -> String {
    let listener = json!({"return_type": "data", "return_data": "{\"ok\": true}"});
    let document = document(name, mode, &listener, steps).to_string();
    stack.control().publish_new(&document).await.url
}

async fn runs(stack: &Stack, query: &str, count: usize) -> Vec<Value> {
    let path = format!("/runs?{query}");
    until(PATIENCE, "the runs to be in the log", async || {
        let page = stack.control().get(&path).await.body;
        let items = page["items"].as_array()?;
        (items.len() == count).then(|| items.clone())
    })
    .await
}

#[tokio::test]
async fn a_run_starts_another_workflow_with_its_data_and_does_not_wait() {
    let remote = Remote::start();
    let stack = Stack::builder()
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .start()
        .await;
    let told = json!([{"id": "told", "type": "http_request", "method": "POST", "url": remote.url("/held/told"),
        "json": {"id": "{{ __data.id }}", "sum": "{{ __data.sum }}"}}]);
    publish(&stack, "second", "sync", &told).await;
    let steps = json!([
        {"id": "sum", "type": "store_value", "name": "sum", "value": "{{ __data.a + 1 }}"},
        {"id": "push", "type": "push_to_workflow", "workflow": "second"},
    ]);
    let url = publish(&stack, "first", "sync", &steps).await;
    let answer = Answer::of(client().post(&url).json(&json!({"id": "x", "a": 41}))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let call = remote.called("/held/told").await;
    let body: Value = serde_json::from_str(&call.body).unwrap();
    assert_eq!(body, json!({"id": "x", "sum": 42}));
    remote.release("/held/told");
    let second = runs(&stack, "workflow=second&state=succeeded", 1)
        .await
        .remove(0);
    let first = runs(&stack, "workflow=first&state=succeeded", 1)
        .await
        .remove(0);
    assert_eq!(first["trace_id"], second["trace_id"]);
}

#[tokio::test]
async fn a_push_to_what_is_not_published_fails_its_step_and_workflows_that_push_in_a_circle_are_stopped()
 {
    let remote = Remote::start();
    let stack = Stack::builder()
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .start()
        .await;
    let reason = json!({"id": "why", "type": "http_request", "url": remote.url("/failed")});
    let nowhere = json!([{"id": "push", "type": "push_to_workflow", "workflow": "nowhere", "on_failure": [reason]}]);
    let url = publish(&stack, "lost", "sync", &nowhere).await;
    assert_eq!(
        Answer::of(client().post(&url).json(&json!({})))
            .await
            .status,
        200
    );
    remote.called("/failed").await;
    let lost = runs(&stack, "workflow=lost", 1).await.remove(0);
    let lost = stack
        .control()
        .get(&format!("/runs/{}", lost["id"].as_str().unwrap()))
        .await
        .body;
    let told = lost["steps"].to_string();
    assert!(
        told.contains("there is no published workflow `nowhere`"),
        "{lost:#}"
    );
    let circle = json!([{"id": "push", "type": "push_to_workflow", "workflow": "circle"}]);
    let url = publish(&stack, "circle", "async", &circle).await;
    assert_eq!(
        Answer::of(client().post(&url).json(&json!({"n": 1})))
            .await
            .status,
        200
    );
    let failed = runs(&stack, "workflow=circle&state=failed", 1)
        .await
        .remove(0);
    assert!(
        failed["error"].as_str().unwrap().contains("in a circle"),
        "{failed:#}"
    );
    runs(&stack, "workflow=circle", 17).await;
}
