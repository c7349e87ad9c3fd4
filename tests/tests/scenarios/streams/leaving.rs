//! A caller that leaves.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::remote::Remote;
use testkit::stack::Stack;

use super::platform::{at, call, calling_out, frame, publish, stack, then};
use super::reader::Reader;

#[tokio::test]
async fn with_cancel_a_caller_that_leaves_stops_the_run() {
    let stack = stack().await;
    let remote = Remote::start();
    let wait = then(
        call("wait", &remote, "/held/left"),
        &[call("after", &remote, "/after")],
    );
    let steps = json!([then(frame("one"), &[wait])]);
    let listener = json!({ "return_type": "sse", "on_disconnect": "cancel" });
    let path = publish(stack, "leave-cancel", "sync", &listener, &steps).await;
    let mut reader = Reader::open(&at(stack, 0, &path)).await;
    assert_eq!(reader.data().await, "one");
    remote.called("/held/left").await;
    drop(reader);
    // The run's own request is hung up on: it has been stopped.
    remote.abandoned("/held/left").await;
    remote.release("/held/left");
    // A run of the same endpoint that is not left gets past the request, so the first would have by now.
    let mut second = Reader::open(&at(stack, 0, &path)).await;
    assert_eq!(second.rest_of_it().await.len(), 1);
    assert_eq!(remote.calls("/after").len(), 1);
}

#[tokio::test]
async fn with_cancel_a_caller_that_leaves_stops_a_run_that_waits_for_it_to_read() {
    // A platform of its own: the runner counts what it has stopped.
    let stack = calling_out().start().await;
    let remote = Remote::start();
    let mut steps: Vec<Value> = (0..490)
        .map(|n| json!({ "id": format!("f{n}"), "type": "sse_frame", "data": "{{ __data.__body }}" }))
        .collect();
    steps.push(call("after", &remote, "/after"));
    let listener = json!({ "return_type": "sse", "on_disconnect": "cancel" });
    let path = publish(
        &stack,
        "leave-cancel-full",
        "sync",
        &listener,
        &json!(steps),
    )
    .await;
    let body = "x".repeat(100_000);
    let request = testkit::http::client()
        .post(at(&stack, 0, &path))
        .header("content-type", "text/x")
        .body(body);
    let mut reader = Reader::send(request).await;
    assert_eq!(reader.data().await.len(), 100_000);
    drop(reader);
    one_cancelled(&stack).await;
    assert!(remote.calls("/after").is_empty());
}

/// Waits until the runner has counted one cancelled run.
async fn one_cancelled(stack: &Stack) {
    let url = format!("{}/metrics", stack.runner(0).ops_url());
    testkit::until(
        Duration::from_secs(30),
        "a run to be cancelled",
        async || {
            let text = testkit::http::client()
                .get(&url)
                .send()
                .await
                .ok()?
                .text()
                .await
                .ok()?;
            let line = text.lines().find(|line| {
                line.starts_with("earshot_runner_runs_total{outcome=\"cancelled\"}")
            })?;
            let count: u64 = line.rsplit(' ').next()?.parse().ok()?;
            (count == 1).then_some(())
        },
    )
    .await;
}

#[tokio::test]
async fn with_finish_a_caller_that_leaves_lets_the_run_finish_however_many_frames_it_still_has() {
    let stack = stack().await;
    for mode in ["sync", "async"] {
        let remote = Remote::start();
        let mut rest: Vec<Value> = (0..490).map(|n| frame(&format!("f{n}"))).collect();
        rest.push(call("after", &remote, "/after"));
        let wait = then(call("wait", &remote, "/held/left"), &rest);
        let steps = json!([then(frame("one"), &[wait])]);
        let listener = json!({ "return_type": "sse", "on_disconnect": "finish" });
        let path = publish(
            stack,
            &format!("leave-finish-{mode}"),
            mode,
            &listener,
            &steps,
        )
        .await;
        let mut reader = Reader::open(&at(stack, 0, &path)).await;
        assert_eq!(reader.data().await, "one");
        remote.called("/held/left").await;
        drop(reader);
        remote.release("/held/left");
        let begun = Instant::now();
        remote.called("/after").await;
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{mode}: the run waited {:?} for nobody",
            begun.elapsed()
        );
    }
}
