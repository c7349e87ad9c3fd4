//! Accepted means kept: whatever dies after the reply, the run is carried out.

use serde_json::json;
use testkit::http;
use testkit::remote::Remote;
use testkit::stack::{Kind, Stack};

use super::platform::{calling_out, publish_on};

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
async fn a_run_whose_runner_was_killed_is_carried_out_by_another_and_its_reply_is_kept() {
    let stack = calling_out().start().await;
    let remote = Remote::start();
    let steps = json!([{
        "id": "wait", "type": "http_request", "url": remote.url("/held/first"), "timeout": 120,
        "then": [{ "id": "answer", "type": "respond", "return_type": "data", "return_data": "{\"done\": true}" }],
    }]);
    let listener = json!({ "return_type": "continue", "continue_timeout": 1 });
    let url = publish_on(&stack, "handed-over", "async", listener, steps).await;
    let response = http::client().post(&url).send().await.unwrap();
    assert_eq!(response.status(), 202);
    let location = super::platform::header(&response, "location");
    let reply_url = format!("{}{location}", stack.gateway(0).listener_url());
    assert_eq!(remote.calls("/held/first").len(), 1);
    stack.runner(0).kill();
    remote.release("/held/first");
    stack.runner(0).restart().await;
    // The queue hands a job to another runner after half a minute without a sign of life.
    remote.called_times("/held/first", 2).await;
    let reply = testkit::until(
        std::time::Duration::from_secs(30),
        "the reply",
        async || {
            let reply = http::client().get(&reply_url).send().await.unwrap();
            (reply.status() == 200).then_some(reply)
        },
    )
    .await;
    assert_eq!(reply.text().await.unwrap(), "{\"done\": true}");
}
