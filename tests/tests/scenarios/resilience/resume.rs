use std::time::Duration;

use serde_json::{Value, json};
use testkit::document::document;
use testkit::http::client;
use testkit::remote::{Call, Remote};
use testkit::stack::{Builder, Kind, Stack};
use testkit::until;

use super::documents::LOOPBACK;
use super::load::Answer;

/// The patience of a test.
const PATIENCE: Duration = Duration::from_secs(30);

/// Two runners, and a queue that takes a runner for dead after a second.
fn builder() -> Builder {
    Stack::builder()
        .runners(2)
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .env(Kind::Registry, "EARSHOT_REGISTRY__ACK_WAIT_SECONDS", "1")
}

fn call(id: &str, url: &str, then: &Value) -> Value {
    // Time and chance: a resumed run comes to the same.
    let body = "{{ now('c') }} {{ __data.mark }} {{ __data.n }}";
    json!({"id": id, "type": "http_request", "method": "POST", "url": url, "body": body, "timeout": 60,
        "result": id, "then": then})
}

/// Draws a mark, calls `/first`, then `/held/second` and `/beside` at once, then `/third`.
fn steps(remote: &Remote) -> Value {
    let third = call("third", &remote.url("/third"), &json!([]));
    let second = call("second", &remote.url("/held/second"), &json!([third]));
    let beside = call("beside", &remote.url("/beside"), &json!([]));
    let first = call("first", &remote.url("/first"), &json!([second, beside]));
    json!([{"id": "mark", "type": "store_value", "name": "mark", "value": "{{ uuid() }}", "then": [first]}])
}

async fn accept(stack: &Stack, listener: &Value, steps: &Value) -> String {
    let document = document("resume", "async", listener, steps).to_string();
    stack.control().publish_new(&document).await.url
}

async fn send(url: &str, n: u64) -> Answer {
    let answer = Answer::of(client().post(url).json(&json!({ "n": n }))).await;
    assert!(answer.status == 200 || answer.status == 202, "{answer:?}");
    answer
}

/// A stack of two runners on which the first has a run that is in the middle, and the URL of its endpoint.
async fn begun(remote: &Remote) -> (Stack, String) {
    let stack = builder().start().await;
    let listener = json!({"return_type": "data", "return_data": "{}"});
    let url = accept(&stack, &listener, &steps(remote)).await;
    stack.runner(1).terminate();
    stack.runner(1).wait().await;
    send(&url, 7).await;
    remote.called("/held/second").await;
    remote.called("/beside").await;
    stack.runner(1).restart().await;
    (stack, url)
}

fn header(call: &Call, name: &str) -> String {
    let found = call.headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

/// Without the time: that of a step that is done after a resume is the time of then.
fn mark(call: &Call) -> &str {
    call.body.split(' ').nth(1).unwrap()
}

#[tokio::test]
async fn a_run_whose_runner_is_killed_goes_on_at_the_step_in_flight_on_another() {
    let remote = Remote::start();
    let (stack, url) = begun(&remote).await;
    stack.runner(0).kill();
    let seconds = remote.called_times("/held/second", 2).await;
    remote.release("/held/second");
    let third = remote.called("/third").await;
    // The same call again, to the letter, and under the same key; nothing else is repeated.
    assert_eq!(seconds[0].body, seconds[1].body);
    assert_eq!(
        header(&seconds[0], "idempotency-key"),
        header(&seconds[1], "idempotency-key")
    );
    assert_ne!(header(&seconds[0], "idempotency-key"), "");
    let first = remote.calls("/first");
    assert_eq!((first.len(), remote.calls("/beside").len()), (1, 1));
    for call in [&first[0], &seconds[0], &third] {
        assert_eq!(mark(call), mark(&first[0]));
        assert!(call.body.ends_with(" 7"), "{call:?}");
    }
    // Nothing is left to come.
    send(&url, 8).await;
    let thirds = remote.called_times("/third", 2).await;
    assert!(thirds[1].body.ends_with(" 8"), "{thirds:?}");
    assert_eq!(remote.calls("/first").len(), 2);
}

#[tokio::test]
async fn what_a_runner_comes_to_that_was_given_up_is_refused() {
    let remote = Remote::start();
    let (stack, _) = begun(&remote).await;
    stack.runner(0).pause();
    remote.called_times("/held/second", 2).await;
    // Both get their answer now, and both would go on.
    remote.release("/held/second");
    remote.called("/third").await;
    stack.runner(0).resume();
    until(PATIENCE, "the outdated runner to say so", async || {
        let logs = stack.runner(0).logs();
        let left = |line: &Value| line.to_string().contains("left to another attempt");
        logs.iter().any(left).then_some(())
    })
    .await;
    assert_eq!(remote.calls("/third").len(), 1);
    assert_eq!(remote.calls("/first").len(), 1);
}

#[tokio::test]
async fn a_run_goes_on_after_nats_and_all_runners_were_killed_at_once() {
    let remote = Remote::start();
    let (stack, _) = begun(&remote).await;
    stack.runner(0).kill();
    stack.runner(1).kill();
    stack.nats().kill();
    stack.nats().restart();
    stack.runner(1).restart().await;
    remote.called_times("/held/second", 2).await;
    remote.release("/held/second");
    remote.called("/third").await;
    assert_eq!(remote.calls("/first").len(), 1);
    assert_eq!(remote.calls("/third").len(), 1);
}

#[tokio::test]
async fn a_reply_that_was_given_before_the_runner_died_stays_and_frames_go_on_where_they_were() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let frame = |id: &str, then: &Value| json!({"id": id, "type": "sse_frame", "data": "{{ uuid() }} {{ __data.n }}", "then": then});
    let last = json!({"id": "last", "type": "sse_frame", "data": "last", "final": true});
    let held = call("second", &remote.url("/held/second"), &json!([last]));
    let first = call(
        "first",
        &remote.url("/first"),
        &json!([frame("two", &json!([held]))]),
    );
    let url = accept(
        &stack,
        &json!({"return_type": "sse"}),
        &json!([frame("one", &json!([first]))]),
    )
    .await;
    stack.runner(1).terminate();
    stack.runner(1).wait().await;
    let reading = tokio::spawn({
        let request = client().post(&url).json(&json!({"n": 7}));
        async move { request.send().await.unwrap().text().await.unwrap() }
    });
    remote.called("/held/second").await;
    stack.runner(1).restart().await;
    stack.runner(0).kill();
    remote.called_times("/held/second", 2).await;
    remote.release("/held/second");
    let stream = reading.await.unwrap();
    let data: Vec<&str> = stream
        .lines()
        .filter(|line| line.starts_with("data:"))
        .collect();
    assert_eq!(data.len(), 3, "{stream}");
    assert!(
        data[0].ends_with(" 7") && data[1].ends_with(" 7"),
        "{stream}"
    );
    assert_eq!(data[2], "data: last", "{stream}");
    assert_eq!(remote.calls("/first").len(), 1);
}
