use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use testkit::document::document;
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::{Builder, Kind, Stack};
use testkit::until;

use super::documents::LOOPBACK;
use super::load::Answer;

const PATIENCE: Duration = Duration::from_secs(30);

/// Runs leave their runner that have nothing to do for a second.
fn builder() -> Builder {
    Stack::builder()
        .env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
        .env(Kind::Runner, "EARSHOT_RUNNER__PARK_AFTER_SECONDS", "1")
        .env(Kind::Registry, "EARSHOT_REGISTRY__ACK_WAIT_SECONDS", "1")
}

fn call(id: &str, url: &str, more: &Value) -> Value {
    let step = json!({"id": id, "type": "http_request", "method": "POST", "url": url,
        "body": "{{ now('U') }} {{ __data.n }} {{ __data.mark }}"});
    testkit::document::with(step, more)
}

async fn publish(stack: &Stack, steps: &Value) -> String {
    let listener = json!({"return_type": "data", "return_data": "{}"});
    let document = document("waiting", "async", &listener, steps).to_string();
    stack.control().publish_new(&document).await.url
}

async fn send(url: &str, n: u64) {
    let answer = Answer::of(client().post(url).json(&json!({ "n": n }))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Waits until so many runs are in a state; those.
async fn in_state(stack: &Stack, state: &str, count: usize) -> Vec<Value> {
    let path = format!("/runs?state={state}");
    until(PATIENCE, "the run log to say so", async || {
        let page = stack.control().get(&path).await.body;
        let items = page["items"].as_array()?;
        (items.len() == count).then(|| items.clone())
    })
    .await
}

fn seconds_now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since.as_secs()
}

#[tokio::test]
async fn a_run_that_waits_is_parked_and_goes_on_at_its_moment_with_all_it_had() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let late = call(
        "late",
        &remote.url("/late"),
        &json!({"when": {"after": "4 seconds"}}),
    );
    let first = call("first", &remote.url("/first"), &json!({"then": [late]}));
    let steps = json!([{"id": "mark", "type": "store_value", "name": "mark", "value": "{{ uuid() }}", "then": [first]}]);
    let url = publish(&stack, &steps).await;
    let began = Instant::now();
    for n in 0..5 {
        send(&url, n).await;
    }
    remote.called_times("/first", 5).await;
    stack.wait_until_parked(5).await;
    in_state(&stack, "waiting", 5).await;
    // No runner holds them, so it is no matter what becomes of the runners, nor of NATS.
    stack.runner(0).kill();
    stack.nats().kill();
    stack.nats().restart();
    stack.runner(0).restart().await;
    let lates = remote.called_times("/late", 5).await;
    assert!(began.elapsed() >= Duration::from_secs(4));
    let firsts = remote.calls("/first");
    assert_eq!(firsts.len(), 5);
    // What a run did before it waited stands in its record, too.
    for run in in_state(&stack, "succeeded", 5).await {
        let path = format!("/runs/{}", run["id"].as_str().unwrap());
        let run = stack.control().get(&path).await.body;
        let ids: Vec<_> = run["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step["id"].clone())
            .collect();
        assert_eq!(ids, ["mark", "first", "late"], "{run:#}");
        assert_eq!(run["steps"][1]["input"]["method"], "POST", "{run:#}");
        assert_eq!(run["steps"][1]["output"]["status"], 200, "{run:#}");
    }
    for late in lates {
        let [time, n, mark] = late.body.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{late:?}")
        };
        let first = firsts
            .iter()
            .find(|first| first.body.contains(&format!(" {n} ")))
            .unwrap();
        assert!(first.body.ends_with(mark), "{first:?} {late:?}");
        // The step's own time is that of when it begins.
        let began: u64 = first.body.split(' ').next().unwrap().parse().unwrap();
        assert!(
            time.parse::<u64>().unwrap() >= began + 3,
            "{first:?} {late:?}"
        );
    }
}

#[tokio::test]
async fn a_moment_that_passed_while_the_platform_was_away_comes_once_when_it_is_back() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let at = json!({"when": {"at": "{{ __data.at }}"}});
    let late = call("late", &remote.url("/late"), &at);
    let url = publish(&stack, &json!([late])).await;
    let due = seconds_now() + 4;
    let moment = jiff::Timestamp::from_second(i64::try_from(due).unwrap()).unwrap();
    let request = client()
        .post(&url)
        .json(&json!({"n": 1, "at": moment.to_string()}));
    assert_eq!(Answer::of(request).await.status, 200);
    stack.wait_until_parked(1).await;
    stack.registry().kill();
    stack.runner(0).kill();
    until(PATIENCE, "the moment to pass", async || {
        (seconds_now() > due).then_some(())
    })
    .await;
    assert!(remote.calls("/late").is_empty());
    stack.runner(0).restart().await;
    stack.registry().restart().await;
    remote.called("/late").await;
    stack.wait_until_parked(0).await;
    // Another one is done meanwhile: nothing more came of the first.
    let request = client()
        .post(&url)
        .json(&json!({"n": 2, "at": "2026-01-01"}));
    assert_eq!(Answer::of(request).await.status, 200);
    let calls = remote.called_times("/late", 2).await;
    assert!(
        calls[0].body.contains(" 1 ") && calls[1].body.contains(" 2 "),
        "{calls:?}"
    );
    assert_eq!(calls.len(), 2);
}

#[tokio::test]
async fn a_request_is_made_again_until_its_attempts_are_used_up_each_with_the_same_key() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let told = json!({"id": "told", "type": "http_request", "url": remote.url("/told"),
        "query": {"status": "{{ __data.webhook.status }}"}});
    let retry = json!({"retry": {"attempts": 3, "delay": 1, "max_delay": 1}, "on_failure": [told]});
    let url = publish(
        &stack,
        &json!([call("again", &remote.url("/status/503"), &retry)]),
    )
    .await;
    send(&url, 7).await;
    let told = remote.called("/told").await;
    assert_eq!(told.query, "status=503");
    let calls = remote.calls("/status/503");
    assert_eq!(calls.len(), 3);
    let keys: Vec<_> = calls
        .iter()
        .map(|call| {
            let mut headers = call.headers.iter();
            headers.find(|(name, _)| name == "idempotency-key").cloned()
        })
        .collect();
    assert!(
        keys[0].is_some() && keys.iter().all(|key| *key == keys[0]),
        "{keys:?}"
    );
    assert!(
        calls.iter().all(|call| call.body == calls[0].body),
        "{calls:?}"
    );
}
