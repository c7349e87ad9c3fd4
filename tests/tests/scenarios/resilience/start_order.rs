use serde_json::json;
use testkit::http::client;
use testkit::stack::{Last, Stack};

use super::documents::echo;
use super::load::Answer;

async fn assert_works(stack: &Stack) {
    let url = stack.control().publish_new(&echo("echo")).await.url;
    let request = client().post(&url).json(&json!({"nonce": "first"}));
    let answer = Answer::of(request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["nonce"], "first");
}

#[tokio::test]
async fn services_that_start_in_the_wrong_order_wait_for_nats_and_become_ready() {
    let stack = Stack::builder().last(Last::Nats).start().await;
    assert_works(&stack).await;
}

#[tokio::test]
async fn services_that_start_before_the_registry_wait_for_it_and_become_ready() {
    let stack = Stack::builder().last(Last::Registry).start().await;
    assert_works(&stack).await;
}
