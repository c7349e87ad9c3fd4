//! Callbacks over the death of everything.

use serde_json::json;
use testkit::http::client;
use testkit::remote::Remote;

use super::platform::{accepting, builder, call, publish, resume_url, run_in, start, waiting};
use crate::resilience::load::Answer;

#[tokio::test]
async fn a_callback_lets_a_run_go_on_after_every_service_was_killed_and_started_again() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let steps = waiting(&remote, &json!({}));
    let url = publish(&stack, "survives", "async", &accepting(), &steps).await;
    start(&url, &json!({})).await;
    let told = remote.called("/ask").await.body;
    stack.wait_until_parked(1).await;
    for service in stack.services() {
        service.kill();
    }
    stack.nats().kill();
    stack.nats().restart();
    for service in stack.services() {
        service.restart().await;
    }
    stack.wait_until_parked(1).await;
    let answer = Answer::of(call(&resume_url(&stack, &told), "yes")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(remote.called("/done").await.body, "POST yes");
    run_in(&stack, "survives", "succeeded").await;
    assert_eq!(remote.calls("/ask").len(), 1);
}

#[tokio::test]
async fn a_call_that_comes_while_registry_and_runner_are_away_is_not_lost() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let steps = waiting(&remote, &json!({}));
    let url = publish(&stack, "away", "async", &accepting(), &steps).await;
    for _ in 0..5 {
        start(&url, &json!({})).await;
    }
    let told = remote.called_times("/ask", 5).await;
    stack.wait_until_parked(5).await;
    stack.registry().kill();
    stack.runner(0).kill();
    for told in &told {
        let answer = Answer::of(call(&resume_url(&stack, &told.body), "yes")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert!(remote.calls("/done").is_empty());
    stack.registry().restart().await;
    stack.runner(0).restart().await;
    remote.called_times("/done", 5).await;
    stack.wait_until_parked(0).await;
    assert_eq!(remote.calls("/done").len(), 5);
}

#[tokio::test]
async fn a_callback_is_taken_by_a_run_whose_runner_dies_before_it_came_to_the_step() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let more = json!({"when": {"after": "1 seconds"}});
    let steps = waiting(&remote, &more);
    let url = publish(&stack, "dies", "async", &accepting(), &steps).await;
    start(&url, &json!({})).await;
    let resume = resume_url(&stack, &remote.called("/ask").await.body);
    let answer = Answer::of(call(&resume, "yes")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    stack.runner(0).kill();
    stack.runner(0).restart().await;
    assert_eq!(remote.called("/done").await.body, "POST yes");
    run_in(&stack, "dies", "succeeded").await;
    assert_eq!(remote.calls("/done").len(), 1);
}

#[tokio::test]
async fn without_auth_svc_or_nats_a_call_is_told_so_and_can_be_made_again() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let steps = waiting(&remote, &json!({}));
    let url = publish(&stack, "again", "async", &accepting(), &steps).await;
    start(&url, &json!({})).await;
    let resume = resume_url(&stack, &remote.called("/ask").await.body);
    stack.wait_until_parked(1).await;
    stack.auth().kill();
    Answer::of(call(&resume, "yes"))
        .await
        .assert_unavailable(&["auth_unavailable", "bus_unavailable"]);
    // The listener is none the worse for it.
    assert_eq!(Answer::of(client().post(&url)).await.status, 200);
    stack.auth().restart().await;
    assert_eq!(Answer::of(call(&resume, "yes")).await.status, 200);
    assert_eq!(remote.called("/done").await.body, "POST yes");
}
