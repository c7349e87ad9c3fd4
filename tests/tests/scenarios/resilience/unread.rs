//! Callers that do not take their replies.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::{Kind, Stack};
use testkit::until;

use super::documents::{LOOPBACK, echo, relay};
use super::load::Answer;

const SOON: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_takes_no_byte_of_its_reply_loses_its_place_and_others_on_its_connection_go_on()
 {
    let remote = Remote::start();
    let stack = Stack::builder()
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .env(Kind::Gateway, "EARSHOT_GATEWAY__MAX_IN_FLIGHT", "2")
        .env(Kind::Gateway, "EARSHOT_GATEWAY__SLOW_READER_SECONDS", "1")
        .start()
        .await;
    let control = stack.control();
    let quick = control.publish_new(&echo("quick")).await.url;
    let document = relay("slow", &remote.url("/held/slow"), "");
    let slow = control.publish_new(&document).await.url;
    // HTTP/2 with a window of no byte at all: heads of replies come, bodies do not.
    let unwilling = reqwest::Client::builder()
        .http2_prior_knowledge()
        .http2_initial_stream_window_size(0)
        .no_proxy()
        .build()
        .unwrap();
    let nonce = json!({"nonce": "n"});
    let waiting = tokio::spawn({
        let request = unwilling.post(&slow).json(&nonce);
        async move { request.send().await.unwrap().status() }
    });
    remote.called("/held/slow").await;
    let unread = unwilling.post(&quick).json(&nonce).send().await.unwrap();
    assert_eq!(unread.status(), StatusCode::OK);
    let other = || client().post(&quick).json(&nonce);
    Answer::of(other())
        .await
        .assert_unavailable(&["overloaded"]);
    until(SOON, "the place to be free", async || {
        (Answer::of(other()).await.status == 200).then_some(())
    })
    .await;
    remote.release("/held/slow");
    assert_eq!(waiting.await.unwrap(), StatusCode::OK);
    drop(unread);
}
