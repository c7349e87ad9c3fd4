//! NATS away, before a request with a key runs and while it does.

use std::time::Duration;

use serde_json::json;
use testkit::remote::Remote;
use testkit::until;

use super::platform::{Endpoint, Reply, builder, call, data, respond};

#[tokio::test]
async fn nothing_runs_while_the_keys_cannot_be_looked_up() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let steps = call(&remote, "/away", &json!([]));
    let endpoint = Endpoint::on(&stack, "sync", &data(), &steps).await;
    let kept = endpoint.reply(0, "kept", "").await;
    assert_eq!(kept.status, 201);
    stack.nats().kill();
    until(Duration::from_secs(30), "a refusal", async || {
        let reply = endpoint.reply(0, "new", "").await;
        (reply.status == 503).then_some(())
    })
    .await;
    endpoint
        .reply(0, "new", "")
        .await
        .problem(503, "bus_unavailable");
    endpoint
        .reply(1, "kept", "")
        .await
        .problem(503, "bus_unavailable");
    assert_eq!(remote.calls("/away").len(), 1);
    stack.nats().restart();
    let ran = until(Duration::from_secs(30), "the run", async || {
        let reply = endpoint.reply(0, "new", "").await;
        (reply.status == 201).then_some(reply)
    })
    .await;
    endpoint.reply(1, "new", "").await.is_that_of(&ran);
    endpoint.reply(1, "kept", "").await.is_that_of(&kept);
    assert_eq!(remote.calls("/away").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_an_outage_cut_off_is_told_of_once_and_for_all_and_not_run_again() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let listener = json!({ "return_type": "continue", "on_runner_lost": "fail" });
    let steps = call(&remote, "/held/cut", &respond());
    let endpoint = Endpoint::on(&stack, "sync", &listener, &steps).await;
    let first = tokio::spawn(Reply::to(endpoint.post(0, "cut", "")));
    remote.called("/held/cut").await;
    stack.nats().kill();
    let first = first.await.unwrap();
    let told = first.problem(502, "reply_broken");
    assert!(told["run_id"].is_string(), "{told}");
    stack.nats().restart();
    let again = until(Duration::from_secs(30), "the same answer", async || {
        let reply = endpoint.reply(1, "cut", "").await;
        (reply.status != 503).then_some(reply)
    })
    .await;
    assert!(again.is_replayed());
    again.is_that_of(&first);
    assert_eq!(remote.calls("/held/cut").len(), 1);
    remote.release("/held/cut");
}
