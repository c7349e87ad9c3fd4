//! Equal requests at the same time, at both gateways.

use serde_json::{Value, json};
use testkit::remote::Remote;
use tokio::task::JoinSet;

use super::platform::{Endpoint, Reply, call, data, respond, stack};

/// How many come at once.
const CALLERS: usize = 8;

/// Asserts that equal requests at once, a later one and the first have one run and one reply.
async fn run_once(mode: &str, listener: &Value, steps: impl Fn(&Remote) -> Value, path: &str) {
    let remote = Remote::start();
    let endpoint = Endpoint::new(mode, listener, &steps(&remote)).await;
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        callers.spawn(Reply::to(endpoint.post(caller % 2, "once", "the same")));
    }
    remote.called(path).await;
    // The reply of an asynchronous `data` endpoint waits for nothing.
    if (mode, &listener["return_type"]) != ("async", &json!("data")) {
        endpoint.has_waiting(stack().await, CALLERS - 1).await;
        remote.release(path);
    }
    let replies = callers.join_all().await;
    remote.release(path);
    let first: Vec<_> = replies
        .iter()
        .filter(|reply| !reply.is_replayed())
        .collect();
    assert_eq!(first.len(), 1, "{replies:?}");
    assert_eq!(first[0].status, 201, "{replies:?}");
    for reply in &replies {
        reply.is_that_of(first[0]);
    }
    for gateway in [0, 1] {
        let again = endpoint.reply(gateway, "once", "the same").await;
        assert!(again.is_replayed());
        again.is_that_of(first[0]);
    }
    assert_eq!(remote.calls(path).len(), 1);
    let other = endpoint.reply(0, "another", "the same").await;
    assert_ne!(other.text, first[0].text);
    remote.called_times(path, 2).await;
}

#[tokio::test]
async fn a_synchronous_data_endpoint_runs_once() {
    let steps = |remote: &Remote| call(remote, "/held/sync-data", &json!([]));
    run_once("sync", &data(), steps, "/held/sync-data").await;
}

#[tokio::test]
async fn a_synchronous_continue_endpoint_runs_once() {
    let listener = json!({ "return_type": "continue" });
    let steps = |remote: &Remote| call(remote, "/held/sync-continue", &respond());
    run_once("sync", &listener, steps, "/held/sync-continue").await;
}

#[tokio::test]
async fn an_asynchronous_data_endpoint_runs_once() {
    let steps = |remote: &Remote| call(remote, "/held/async-data", &json!([]));
    run_once("async", &data(), steps, "/held/async-data").await;
}

#[tokio::test]
async fn an_asynchronous_continue_endpoint_runs_once() {
    let listener = json!({ "return_type": "continue" });
    let steps = |remote: &Remote| call(remote, "/held/async-continue", &respond());
    run_once("async", &listener, steps, "/held/async-continue").await;
}

#[tokio::test]
async fn a_caller_that_was_sent_to_a_link_is_sent_to_the_same_one_again() {
    let remote = Remote::start();
    let listener = json!({ "return_type": "continue", "continue_timeout": 1 });
    let steps = call(&remote, "/held/linked", &respond());
    let endpoint = Endpoint::new("async", &listener, &steps).await;
    let first = endpoint.reply(0, "linked", "").await;
    assert_eq!(first.status, 202);
    remote.release("/held/linked");
    for gateway in [0, 1] {
        let again = endpoint.reply(gateway, "linked", "").await;
        assert!(again.is_replayed());
        again.is_that_of(&first);
    }
    assert_eq!(remote.calls("/held/linked").len(), 1);
}
