//! Accepted means kept: whatever dies after the reply, the run is carried out.

use std::time::Duration;

use serde_json::json;
use testkit::remote::Remote;
use testkit::stack::{Kind, Stack};
use testkit::{http, until};

use super::platform::{calling_out, header, publish_on};

async fn endpoint(stack: &Stack, remote: &Remote) -> String {
    let listener =
        json!({ "return_type": "data", "return_data": "{\"took\": \"{{ __data.n }}\"}" });
    let steps = json!([{
        "id": "tell", "type": "http_request", "url": remote.url("/told"),
        "query": { "n": "{{ __data.n }}" },
    }]);
    publish_on(stack, "accepted", "async", listener, steps).await
}

async fn call(url: &str, n: &str) {
    let response = http::client()
        .get(url)
        .query(&[("n", n)])
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.text().await.unwrap(),
        format!("{{\"took\": \"{n}\"}}")
    );
}

fn told(remote: &Remote) -> Vec<String> {
    let mut told: Vec<_> = remote
        .calls("/told")
        .into_iter()
        .map(|call| call.query)
        .collect();
    told.sort();
    told
}

#[tokio::test]
async fn a_request_is_accepted_without_a_runner_and_carried_out_once_one_starts() {
    let stack = calling_out().start().await;
    let remote = Remote::start();
    let url = endpoint(&stack, &remote).await;
    stack.runner(0).kill();
    call(&url, "1").await;
    call(&url, "2").await;
    assert!(told(&remote).is_empty());
    stack.runner(0).restart().await;
    remote.called_times("/told", 2).await;
    assert_eq!(told(&remote), ["n=1", "n=2"]);
}

#[tokio::test]
async fn an_accepted_request_survives_the_kill_of_every_service_and_of_nats() {
    let stack = calling_out().start().await;
    let remote = Remote::start();
    let url = endpoint(&stack, &remote).await;
    // Without a runner nothing can be carried out before the kill.
    stack.runner(0).kill();
    for n in ["1", "2", "3"] {
        call(&url, n).await;
    }
    stack.nats().kill();
    for service in stack.services() {
        service.kill();
    }
    stack.nats().restart();
    stack.registry().restart().await;
    stack.auth().restart().await;
    stack.runner(0).restart().await;
    remote.called_times("/told", 3).await;
    assert_eq!(told(&remote), ["n=1", "n=2", "n=3"]);
    stack.gateway(0).restart().await;
    call(&url, "4").await;
    remote.called_times("/told", 4).await;
    assert_eq!(told(&remote), ["n=1", "n=2", "n=3", "n=4"]);
    assert_eq!(
        stack
            .logs(Kind::Runner)
            .iter()
            .filter(|line| line["level"] == "ERROR")
            .count(),
        0
    );
}

#[tokio::test]
async fn a_run_whose_runner_was_killed_goes_on_on_another_and_a_reply_that_was_kept_stays() {
    let stack = calling_out().start().await;
    let remote = Remote::start();
    let steps = json!([{
        "id": "before", "type": "http_request", "url": remote.url("/held/before"), "timeout": 120,
        "then": [{
            "id": "answer", "type": "respond", "return_type": "data",
            "return_data": "{\"at\": \"{{ now(\"H:i:s\") }}\"}",
            "then": [{
                "id": "after", "type": "http_request", "url": remote.url("/held/after"), "timeout": 120,
                "then": [{ "id": "end", "type": "http_request", "url": remote.url("/told") }],
            }],
        }],
    }]);
    let listener = json!({ "return_type": "continue", "continue_timeout": 1 });
    let url = publish_on(&stack, "handed-over", "async", listener, steps).await;
    let response = http::client().post(&url).send().await.unwrap();
    assert_eq!(response.status(), 202);
    let location = header(&response, "location");
    let reply_url = format!("{}{location}", stack.gateway(0).listener_url());
    let fetch = async || http::client().get(&reply_url).send().await.unwrap();
    remote.release("/held/before");
    // The reply is kept before the run goes on.
    remote.called("/held/after").await;
    let first = fetch().await;
    assert_eq!(first.status(), 200);
    let first = first.text().await.unwrap();
    stack.runner(0).kill();
    remote.release("/held/after");
    stack.runner(0).restart().await;
    // The queue hands a job to another runner after some seconds without a sign of life.
    remote.called("/told").await;
    assert_eq!(remote.calls("/held/before").len(), 1);
    assert_eq!(remote.calls("/held/after").len(), 2);
    assert_eq!(fetch().await.text().await.unwrap(), first);
}

#[tokio::test]
async fn an_asynchronous_continue_is_handed_over_without_a_runner_and_replies_once_one_starts() {
    let stack = calling_out().start().await;
    stack.runner(0).kill();
    let steps = json!([{ "id": "answer", "type": "respond", "return_type": "data", "return_data": "{\"n\": {{ __data.n }}}" }]);
    let listener = json!({ "return_type": "continue", "continue_timeout": 1 });
    let url = publish_on(&stack, "no-runner-yet", "async", listener, steps).await;
    let response = http::client()
        .post(&url)
        .json(&json!({"n": 7}))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 202);
    let reply_url = format!(
        "{}{}",
        stack.gateway(0).listener_url(),
        header(&response, "location")
    );
    stack.runner(0).restart().await;
    let reply = until(Duration::from_secs(30), "the reply", async || {
        let reply = http::client().get(&reply_url).send().await.unwrap();
        (reply.status() == 200).then_some(reply)
    })
    .await;
    assert_eq!(reply.text().await.unwrap(), "{\"n\": 7}");
}
