//! Runs that call others and wait for them.

use serde_json::json;
use testkit::http::client;
use testkit::remote::Remote;

use super::platform::{accepting, builder, cancel, publish, run_in, start, tell};
use crate::resilience::load::Answer;

#[tokio::test]
async fn a_call_brings_the_reply_of_the_other_run_whatever_kind_its_endpoint_is() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let sum = json!([{"id": "sum", "type": "store_value", "name": "sum", "value": "{{ __data.a + __data.b }}"}]);
    let data = json!({"return_type": "data", "return_data": "{\"sum\": {{ __data.sum }}}", "return_status": 201});
    publish(&stack, "adds-sync", "sync", &data, &sum).await;
    publish(&stack, "adds-async", "async", &accepting(), &sum).await;
    let answer = json!([{"id": "r", "type": "respond", "return_type": "data", "return_data": "plain {{ __data.a }}"}]);
    let replies = json!({"return_type": "continue"});
    publish(&stack, "replies", "async", &replies, &answer).await;
    let call = |id: &str, workflow: &str| json!({"id": id, "type": "call_workflow", "workflow": workflow, "data": {"a": 40, "b": 2}, "result": id});
    let steps = json!([
        call("one", "adds-sync"),
        call("two", "adds-async"),
        call("three", "replies")
    ]);
    let listener = json!({"return_type": "data", "sync_timeout": 60,
        "return_data": "{\"sum\": {{ __data.one.data.sum }}, \"status\": {{ __data.one.status }}, \"outcome\": \"{{ __data.one.outcome }}\",
            \"empty\": {{ __data.two.data|json_encode }}, \"text\": \"{{ __data.three.data }}\"}"});
    let url = publish(&stack, "calls", "sync", &listener, &steps).await;
    let got = start(&url, &json!({})).await.body;
    let wanted =
        json!({"sum": 42, "status": 201, "outcome": "succeeded", "empty": {}, "text": "plain 40"});
    assert_eq!(got, wanted);
    // The same from a run that nobody waits for.
    let done = tell("done", &remote, "{{ __data.one.data.sum }}", &json!({}));
    let mut one = call("one", "adds-sync");
    one["then"] = json!([done]);
    let url = publish(&stack, "calls-async", "async", &accepting(), &json!([one])).await;
    start(&url, &json!({})).await;
    assert_eq!(remote.called("/done").await.body, "42");
}

#[tokio::test]
async fn a_parked_caller_gets_the_result_over_the_death_of_every_runner() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let held = json!([{"id": "held", "type": "http_request", "url": remote.url("/held/x"), "timeout": 60}]);
    let data = json!({"return_type": "data", "return_data": "{\"n\": 7}"});
    publish(&stack, "slow", "sync", &data, &held).await;
    let done = tell(
        "done",
        &remote,
        "{{ __data.called.data.n }} {{ __data.called.run_id }}",
        &json!({}),
    );
    let steps = json!([{"id": "ask", "type": "call_workflow", "workflow": "slow", "then": [done]}]);
    let url = publish(&stack, "caller", "async", &accepting(), &steps).await;
    start(&url, &json!({"x": 1})).await;
    remote.called("/held/x").await;
    stack.wait_until_parked(1).await;
    stack.runner(0).kill();
    stack.runner(0).restart().await;
    remote.called_times("/held/x", 2).await;
    remote.release("/held/x");
    let told = remote.called("/done").await.body;
    let called = run_in(&stack, "slow", "succeeded").await;
    assert_eq!(told, format!("7 {}", called["id"].as_str().unwrap()));
    let run = run_in(&stack, "caller", "succeeded").await;
    let output = run["steps"][0]["output"]["body"]["text"].as_str().unwrap();
    assert!(output.contains("\"data\":{\"n\":7}"), "{run:#}");
    assert_eq!(remote.calls("/done").len(), 1);
}

#[tokio::test]
async fn a_called_run_that_fails_or_is_stopped_fails_the_step_and_so_does_a_name_that_is_none() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let stop = json!([{"id": "no", "type": "stop", "outcome": "failure", "message": "not today"}]);
    publish(&stack, "refuses", "async", &accepting(), &stop).await;
    let held = json!([{"id": "held", "type": "http_request", "url": remote.url("/held/x"), "timeout": 60}]);
    publish(&stack, "hangs", "async", &accepting(), &held).await;
    let steps = json!([{"id": "ask", "type": "call_workflow", "workflow": "refuses"}]);
    let url = publish(&stack, "asks-refuses", "async", &accepting(), &steps).await;
    start(&url, &json!({})).await;
    let failed = run_in(&stack, "asks-refuses", "failed").await;
    let error = failed["error"].as_str().unwrap();
    assert!(error.contains("ended as failed"), "{failed:#}");
    let steps = json!([{"id": "ask", "type": "call_workflow", "workflow": "nowhere"}]);
    let url = publish(&stack, "asks-nowhere", "async", &accepting(), &steps).await;
    start(&url, &json!({})).await;
    let failed = run_in(&stack, "asks-nowhere", "failed").await;
    let error = failed["error"].as_str().unwrap();
    assert!(
        error.contains("no published workflow `nowhere`"),
        "{failed:#}"
    );
    let steps = json!([{"id": "ask", "type": "call_workflow", "workflow": "hangs"}]);
    let url = publish(&stack, "asks-hangs", "async", &accepting(), &steps).await;
    start(&url, &json!({})).await;
    remote.called("/held/x").await;
    let called = run_in(&stack, "hangs", "running").await;
    let (status, _) = cancel(&stack, called["id"].as_str().unwrap()).await;
    assert_eq!(status, 202);
    let failed = run_in(&stack, "asks-hangs", "failed").await;
    let error = failed["error"].as_str().unwrap();
    assert!(error.contains("ended as cancelled"), "{failed:#}");
}

#[tokio::test]
async fn a_call_that_takes_too_long_fails_its_step_and_the_other_run_goes_on() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let held = json!([{"id": "held", "type": "http_request", "url": remote.url("/held/x"), "timeout": 60}]);
    publish(&stack, "slow", "async", &accepting(), &held).await;
    let late = tell("late", &remote, "late", &json!({}));
    let steps = json!([{"id": "ask", "type": "call_workflow", "workflow": "slow", "timeout": "2 seconds",
        "on_failure": [late]}]);
    let url = publish(&stack, "hurried", "async", &accepting(), &steps).await;
    start(&url, &json!({})).await;
    remote.called("/late").await;
    let run = run_in(&stack, "hurried", "succeeded").await;
    let error = run["steps"][0]["error"].as_str().unwrap();
    assert!(
        error.contains("`slow` did not end within 2 seconds"),
        "{run:#}"
    );
    remote.release("/held/x");
    run_in(&stack, "slow", "succeeded").await;
    assert_eq!(remote.calls("/late").len(), 1);
}

#[tokio::test]
async fn workflows_that_call_each_other_in_a_circle_are_stopped() {
    let stack = builder().start().await;
    let steps = json!([{"id": "ask", "type": "call_workflow", "workflow": "circle"}]);
    let url = publish(&stack, "circle", "async", &accepting(), &steps).await;
    let answer = Answer::of(client().post(&url).json(&json!({"n": 1}))).await;
    assert_eq!(answer.status, 200);
    let failed = testkit::until(super::platform::SOON, "all of them to end", async || {
        let page = stack
            .control()
            .get("/runs?workflow=circle&state=failed")
            .await
            .body;
        let items = page["items"].as_array()?;
        (items.len() == 17).then(|| page["items"].to_string())
    })
    .await;
    assert!(failed.contains("in a circle"), "{failed}");
}
