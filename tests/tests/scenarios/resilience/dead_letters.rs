use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::document::document;
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::{Kind, Stack};
use testkit::until;

use super::documents::LOOPBACK;
use super::load::Answer;

const PATIENCE: Duration = Duration::from_secs(30);

/// A platform on which a run is put aside that two attempts brought no further.
async fn platform() -> Stack {
    Stack::builder()
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .env(Kind::Runner, "EARSHOT_RUNNER__MAX_ATTEMPTS", "2")
        .env(Kind::Registry, "EARSHOT_REGISTRY__ACK_WAIT_SECONDS", "1")
        .start()
        .await
}

/// Has a run die with its runner at the same step until it is put aside; its workflow's id, and what is listed of it.
async fn buried(stack: &Stack, remote: &Remote) -> (String, Value) {
    let held = json!({"id": "held", "type": "http_request", "method": "POST", "url": remote.url("/held/poison"),
        "timeout": 120, "body": "{{ __data.n }}",
        "then": [{"id": "told", "type": "http_request", "url": remote.url("/told")}]});
    let first =
        json!({"id": "first", "type": "http_request", "url": remote.url("/first"), "then": [held]});
    let listener = json!({"return_type": "data", "return_data": "{}"});
    let document = document("poison", "async", &listener, &json!([first])).to_string();
    let published = stack.control().publish_new(&document).await;
    let request = client().post(&published.url).json(&json!({"n": 7}));
    assert_eq!(Answer::of(request).await.status, 200);
    for attempt in 1..=3 {
        remote.called_times("/held/poison", attempt).await;
        stack.runner(0).kill();
        stack.runner(0).restart().await;
    }
    let listed = until(PATIENCE, "the run to be a dead letter", async || {
        let page = listed(stack).await;
        page["items"].as_array()?.first().cloned()
    })
    .await;
    (published.id, listed)
}

async fn listed(stack: &Stack) -> Value {
    let control = stack.control();
    let reply = control
        .send(control.request(Method::GET, "/dead-letters"))
        .await;
    assert_eq!(reply.status, 200, "{:#}", reply.body);
    reply.body
}

#[tokio::test]
async fn a_run_that_takes_its_runner_along_each_time_is_put_aside_read_and_sent_again() {
    let remote = Remote::start();
    let stack = platform().await;
    let (workflow, letter) = buried(&stack, &remote).await;
    assert_eq!(letter["workflow_id"], workflow.as_str(), "{letter:#}");
    assert_eq!(letter["attempts"], 2, "{letter:#}");
    assert!(
        letter["reason"]
            .as_str()
            .unwrap()
            .contains("no step further"),
        "{letter:#}"
    );
    let control = stack.control();
    let run = letter["run_id"].as_str().unwrap().to_owned();
    let path = format!("/dead-letters/{run}");
    let opened = control.send(control.request(Method::GET, &path)).await;
    assert_eq!(
        opened.body["request"]["body"], r#"{"n":7}"#,
        "{:#}",
        opened.body
    );
    until(PATIENCE, "the run log to say so", async || {
        let found = control.get(&format!("/runs/{run}")).await.body;
        (found["state"] == "dead").then_some(())
    })
    .await;
    // It goes on at the step where it was.
    remote.release("/held/poison");
    let retry = control.request(Method::POST, &format!("{path}/retry"));
    assert_eq!(control.send(retry).await.status, 204);
    remote.called("/told").await;
    assert_eq!(remote.calls("/first").len(), 1);
    until(PATIENCE, "the run to have ended", async || {
        let found = control.get(&format!("/runs/{run}")).await.body;
        (found["state"] == "succeeded").then_some(())
    })
    .await;
    assert_eq!(listed(&stack).await["items"], json!([]));
    let again = control.request(Method::POST, &format!("{path}/retry"));
    assert_eq!(control.send(again).await.status, 404);
    let gone = control.send(control.request(Method::GET, &path)).await;
    assert_eq!(
        (gone.status.as_u16(), &gone.body["code"]),
        (404, &json!("not_found"))
    );
}

#[tokio::test]
async fn a_dead_letter_begins_again_where_that_is_asked_for_or_is_thrown_away() {
    let remote = Remote::start();
    let stack = platform().await;
    let (_, letter) = buried(&stack, &remote).await;
    let control = stack.control();
    let run = letter["run_id"].as_str().unwrap().to_owned();
    let path = format!("/dead-letters/{run}");
    let wrong = control
        .request(Method::POST, &format!("{path}/retry"))
        .json(&json!({"fresh": true}));
    assert_eq!(control.send(wrong).await.status, 400);
    let retry = control
        .request(Method::POST, &format!("{path}/retry"))
        .json(&json!({"from_start": true}));
    assert_eq!(control.send(retry).await.status, 204);
    remote.called_times("/first", 2).await;
    for attempt in 4..=6 {
        remote.called_times("/held/poison", attempt).await;
        stack.runner(0).kill();
        stack.runner(0).restart().await;
    }
    until(PATIENCE, "it to be a dead letter again", async || {
        let page = listed(&stack).await;
        page["items"].as_array()?.first().cloned()
    })
    .await;
    let dropped = control.send(control.request(Method::DELETE, &path)).await;
    assert_eq!(dropped.status, 204);
    assert_eq!(listed(&stack).await["items"], json!([]));
    let dropped = control.send(control.request(Method::DELETE, &path)).await;
    assert_eq!(dropped.status, 404);
}
