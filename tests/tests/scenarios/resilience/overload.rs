use std::time::Duration;

use serde_json::json;
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::{Builder, Kind, Stack};
use testkit::until;
use tokio::sync::mpsc;

use super::documents::{LOOPBACK, relay};
use super::load::Answer;

const CALLS: usize = 60;

/// How soon a request that is not taken is told so, all of them coming at once.
const TOLD: Duration = Duration::from_secs(2);

/// Sends more requests than the platform takes while it can finish none. So many are taken, and the others are told.
async fn overrun(builder: Builder, taken: usize) {
    let remote = Remote::start();
    let builder = builder.env(Kind::Runner, LOOPBACK.0, LOOPBACK.1);
    let stack = builder.start().await;
    let document = relay("slow", &remote.url("/held/slow"), "");
    let url = stack.control().publish_new(&document).await.url;
    let (sender, mut answers) = mpsc::unbounded_channel();
    for nonce in 0..CALLS {
        let request = client()
            .post(&url)
            .json(&json!({ "nonce": nonce.to_string() }));
        let sender = sender.clone();
        tokio::spawn(async move { sender.send(Answer::of(request).await) });
    }
    for _ in taken..CALLS {
        let refused = answers.recv().await.expect("every call is answered");
        refused.assert_unavailable(&["overloaded"]);
        assert!(refused.took < TOLD, "{refused:?}");
    }
    assert_eq!(remote.called_times("/held/slow", taken).await.len(), taken);
    remote.release("/held/slow");
    for _ in 0..taken {
        let answer = answers.recv().await.expect("every call is answered");
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    // And then there is room again, as soon as the platform has noticed.
    until(TOLD, "room for the next", async || {
        let request = client().post(&url).json(&json!({"nonce": "last"}));
        (Answer::of(request).await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_takes_as_many_requests_as_it_may_and_sheds_the_rest_at_once() {
    let most = Stack::builder().env(Kind::Gateway, "EARSHOT_GATEWAY__MAX_IN_FLIGHT", "8");
    overrun(most, 8).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runners_take_as_many_runs_as_they_may_and_the_rest_is_shed_at_once() {
    let most = Stack::builder()
        .runners(2)
        .env(Kind::Runner, "EARSHOT_RUNNER__CAPACITY", "5");
    overrun(most, 10).await;
}
