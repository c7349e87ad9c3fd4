use std::time::Duration;

use serde_json::json;
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::{Kind, Stack};
use tokio::task::JoinSet;

use super::documents::{LOOPBACK, relay};
use super::load::Answer;

/// Longer than a probe may take, and than presence lasts.
const STANDSTILL: Duration = Duration::from_millis(2_500);

#[tokio::test]
async fn a_gateway_that_stood_still_takes_no_runner_for_lost() {
    let remote = Remote::start();
    let stack = Stack::builder()
        .runners(2)
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .start()
        .await;
    let never = relay(
        "never",
        &remote.url("/held/never"),
        "\n    on_runner_lost: fail",
    );
    let url = stack.control().publish_new(&never).await.url;
    let mut held = JoinSet::new();
    for nonce in 0..10 {
        held.spawn(Answer::of(
            client().post(&url).json(&json!({ "nonce": nonce })),
        ));
    }
    remote.called_times("/held/never", 10).await;
    stack.gateway(0).pause();
    // The standstill itself is the subject: nothing else happens meanwhile that could be waited for.
    tokio::time::sleep(STANDSTILL).await;
    stack.gateway(0).resume();
    stack.gateway(0).wait_until_ready().await;
    let quick = relay("quick", &remote.url("/quick"), "");
    let quick = stack.control().publish_new(&quick).await.url;
    for nonce in 0..20 {
        let request = client().post(&quick).json(&json!({ "nonce": nonce }));
        assert_eq!(Answer::of(request).await.status, 200);
    }
    remote.release("/held/never");
    for answer in held.join_all().await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}
