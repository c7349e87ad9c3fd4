//! Asking for replays and test runs.

use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use testkit::control::{Client, Workflow};
use testkit::http::client;
use testkit::until;

use super::platform::{SOON, ended, publish, stack, whole};

/// A request for a replay.
pub(super) fn replay_request(control: &Client, run: &str, wanted: &Value) -> RequestBuilder {
    let request = control.request(Method::POST, &format!("/runs/{run}/replay"));
    request.json(wanted)
}

/// A request for a test run.
pub(super) fn test_request(control: &Client, workflow: &str, wanted: &Value) -> RequestBuilder {
    let request = control.request(Method::POST, &format!("/workflows/{workflow}/test-run"));
    request.json(wanted)
}

/// Sends either, which is to be accepted.
pub(super) async fn accepted(control: &Client, request: RequestBuilder) -> Value {
    let reply = control.send(request).await;
    assert_eq!(reply.status, 202, "{:#}", reply.body);
    reply.body
}

/// A run once it has ended.
pub(super) async fn run_of(control: &Client, started: &Value) -> Value {
    let path = format!("/runs/{}", started["run_id"].as_str().unwrap());
    until(SOON, "the run to end", async || {
        let reply = control.get(&path).await;
        (reply.status == 200 && !reply.body["ended_at"].is_null()).then_some(reply.body)
    })
    .await
}

/// Replays a run and waits for its end: what was answered, and the new run.
pub(super) async fn replayed(run: &Value, wanted: Value) -> (Value, Value) {
    let control = stack().await.control();
    let id = run["id"].as_str().unwrap();
    let started = accepted(&control, replay_request(&control, id, &wanted)).await;
    let ended = run_of(&control, &started).await;
    (started, ended)
}

/// Tests a draft and waits for the run's end.
pub(super) async fn tested(workflow: &Workflow, wanted: Value) -> (Value, Value) {
    let control = stack().await.control();
    let started = accepted(&control, test_request(&control, &workflow.id, &wanted)).await;
    let ended = run_of(&control, &started).await;
    (started, ended)
}

/// Publishes a workflow, sends it this JSON, and waits for the run's record.
pub(super) async fn called(
    name: &str,
    mode: &str,
    listener: Value,
    steps: Value,
    body: Value,
) -> (Workflow, Value) {
    let workflow = publish(name, mode, listener, steps).await;
    let sent = client().post(format!("{}?q=1", workflow.url)).json(&body);
    sent.send().await.unwrap();
    let control = stack().await.control();
    let runs = ended(&control, &workflow.id, 1).await;
    let run = whole(&control, &runs[0]).await;
    (workflow, run)
}

/// Checks members of a run.
#[track_caller]
pub(super) fn has(run: &Value, expected: &[(&str, Value)]) {
    for (path, value) in expected {
        assert_eq!(run.pointer(path), Some(value), "{path} in {run:#}");
    }
}
