//! Runs that operators stop.

use reqwest::Method;
use serde_json::json;
use testkit::document::document;
use testkit::http::client;
use testkit::remote::Remote;

use super::platform::{accepting, builder, cancel, publish, run_in, start, waiting};
use crate::resilience::load::Answer;

#[tokio::test]
async fn a_run_at_work_and_a_parked_one_are_stopped_and_one_that_has_ended_is_not() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let held = json!([{"id": "held", "type": "http_request", "url": remote.url("/held/x"), "timeout": 60,
        "then": [{"id": "more", "type": "http_request", "url": remote.url("/more")}]}]);
    let url = publish(&stack, "works", "async", &accepting(), &held).await;
    start(&url, &json!({})).await;
    remote.called("/held/x").await;
    let run = run_in(&stack, "works", "running").await;
    let id = run["id"].as_str().unwrap();
    assert_eq!(cancel(&stack, id).await, (202, String::new()));
    remote.abandoned("/held/x").await;
    run_in(&stack, "works", "cancelled").await;
    assert_eq!(cancel(&stack, id).await, (409, "run_ended".to_owned()));
    assert!(remote.calls("/more").is_empty());
    let steps = waiting(&remote, &json!({}));
    let url = publish(&stack, "waits", "async", &accepting(), &steps).await;
    start(&url, &json!({})).await;
    remote.called("/ask").await;
    stack.wait_until_parked(1).await;
    let run = run_in(&stack, "waits", "waiting").await;
    assert_eq!(cancel(&stack, run["id"].as_str().unwrap()).await.0, 202);
    run_in(&stack, "waits", "cancelled").await;
    stack.wait_until_parked(0).await;
    // One that waits for a moment alone is no different.
    let late = json!([{"id": "late", "type": "http_request", "url": remote.url("/more"), "when": {"after": "1 hour"}}]);
    let url = publish(&stack, "sleeps", "async", &accepting(), &late).await;
    start(&url, &json!({})).await;
    let run = run_in(&stack, "sleeps", "waiting").await;
    assert_eq!(cancel(&stack, run["id"].as_str().unwrap()).await.0, 202);
    run_in(&stack, "sleeps", "cancelled").await;
    let unknown = "0198f0c1-2345-7abc-8def-0123456789ab";
    assert_eq!(cancel(&stack, unknown).await, (404, "not_found".to_owned()));
    assert!(remote.calls("/more").is_empty() && remote.calls("/late").is_empty());
}

#[tokio::test]
async fn a_run_that_waits_in_the_queue_is_stopped_before_it_begins() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let listener = json!({"return_type": "continue", "continue_timeout": 1});
    let steps = json!([{"id": "call", "type": "http_request", "url": remote.url("/called"),
        "then": [{"id": "r", "type": "respond", "return_type": "data", "return_data": "x"}]}]);
    let url = publish(&stack, "queued", "async", &listener, &steps).await;
    stack.runner(0).terminate();
    stack.runner(0).wait().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let answer = Answer::of(client().post(&url).json(&json!({}))).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        ids.push(answer.body["run_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(cancel(&stack, &ids[0]).await.0, 202);
    // Twice is as good as once.
    assert_eq!(cancel(&stack, &ids[0]).await.0, 202);
    stack.runner(0).restart().await;
    let cancelled = run_in(&stack, "queued", "cancelled").await;
    assert_eq!(cancelled["id"], ids[0].as_str());
    let done = run_in(&stack, "queued", "succeeded").await;
    assert_eq!(done["id"], ids[1].as_str());
    assert_eq!(remote.calls("/called").len(), 1);
}

#[tokio::test]
async fn a_run_whose_caller_waits_and_that_no_log_knows_is_stopped_and_its_caller_told() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let held = json!([{"id": "held", "type": "http_request", "method": "POST", "url": remote.url("/held/x"), "timeout": 60}]);
    let listener = json!({"return_type": "data", "return_data": "{}", "sync_timeout": 60});
    let mut document = document("sync", "sync", &listener, &held);
    document["spec"]["run_log"] = json!({"keep": "none"});
    let url = stack.control().publish_new(&document.to_string()).await.url;
    let asked = tokio::spawn(Answer::of(client().post(&url).json(&json!({}))));
    let call = remote.called("/held/x").await;
    let mut headers = call.headers.iter();
    let (_, key) = headers.find(|(name, _)| name == "idempotency-key").unwrap();
    let run = key.strip_suffix("-held").unwrap();
    assert_eq!(cancel(&stack, run).await.0, 202);
    let answer = asked.await.unwrap();
    assert_eq!((answer.status, answer.code()), (500, "run_failed"));
}

#[tokio::test]
async fn runs_are_stopped_on_the_command_line_and_a_viewer_may_not() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let steps = waiting(&remote, &json!({}));
    let url = publish(&stack, "waits", "async", &accepting(), &steps).await;
    start(&url, &json!({})).await;
    let run = run_in(&stack, "waits", "waiting").await;
    let id = run["id"].as_str().unwrap().to_owned();
    let control = stack.control();
    let mint = control.request(Method::POST, "/tokens");
    let viewer = control.send(mint.json(&json!({"name": "v", "role": "viewer"})));
    let viewer = viewer.await.body;
    let viewer = control.with_token(viewer["token"].as_str().unwrap());
    let refused = viewer.request(Method::POST, &format!("/runs/{id}/cancel"));
    assert_eq!(viewer.send(refused).await.status, 403);
    let mut command = testkit::program("earshot");
    command
        .args(["runs", "cancel", &id])
        .env("EARSHOT_URL", stack.gateway(0).control_url())
        .env("EARSHOT_TOKEN", stack.admin_token());
    let done = tokio::task::spawn_blocking(move || command.output().unwrap());
    let done = done.await.unwrap();
    assert!(done.status.success(), "{done:?}");
    run_in(&stack, "waits", "cancelled").await;
}
