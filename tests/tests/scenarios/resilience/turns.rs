//! `for_each` over a service elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use testkit::document::document;
use testkit::http::client;
use testkit::remote::{Call, Remote};
use testkit::stack::{Builder, Kind, Stack};
use testkit::until;

use super::documents::LOOPBACK;
use super::load::Answer;

const PATIENCE: Duration = Duration::from_secs(30);

fn builder() -> Builder {
    Stack::builder().env(Kind::Runner, LOOPBACK.0, LOOPBACK.1)
}

/// A `for_each` over the request's list that calls a path for each item and collects what it got.
fn each(remote: &Remote, more: &Value) -> Value {
    let call = json!({"id": "call", "type": "http_request", "method": "POST", "timeout": 60,
        "url": remote.url("/{{ __data.item|raw }}"), "body": "{{ __data.__each.number }}"});
    let step = json!({"id": "each", "type": "for_each", "items": "{{ __data.list }}", "do": [call],
        "collect": "{{ __data.item }} {{ __data.webhook.body.path }}", "result": "all"});
    testkit::document::with(step, more)
}

async fn publish(stack: &Stack, mode: &str, step: &Value) -> String {
    let listener = json!({"return_type": "data", "sync_timeout": 120, "return_data":
        "{{ __data.all|json_encode|raw }}"});
    let document = document("turns", mode, &listener, &json!([step])).to_string();
    stack.control().publish_new(&document).await.url
}

async fn send(url: &str, list: &Value) -> Answer {
    Answer::of(client().post(url).json(&json!({ "list": list }))).await
}

/// The whole record of the only run.
async fn record(stack: &Stack) -> Value {
    let control = stack.control();
    let id = until(PATIENCE, "the run to be in the log", async || {
        let page = control.get("/runs?workflow=turns").await.body;
        let run = page["items"].as_array()?.first()?.clone();
        (!run["ended_at"].is_null()).then(|| run["id"].as_str().unwrap().to_owned())
    })
    .await;
    control.get(&format!("/runs/{id}")).await.body
}

fn header<'a>(call: &'a Call, name: &str) -> &'a str {
    let mut headers = call.headers.iter();
    let found = headers.find(|(known, _)| known == name);
    found.map_or("", |(_, value)| value.as_str())
}

fn key(call: &Call) -> &str {
    header(call, "idempotency-key")
}

#[tokio::test]
async fn no_more_items_are_under_way_at_once_than_the_step_says_and_results_keep_the_order_of_the_items()
 {
    let remote = Remote::start();
    let stack = builder().start().await;
    let url = publish(&stack, "sync", &each(&remote, &json!({"concurrency": 3}))).await;
    let list: Vec<String> = (0..9).map(|n| format!("held/{n}")).collect();
    let sent = json!(list);
    let answer = tokio::spawn(async move { send(&url, &sent).await });
    // The last of those under way is answered first.
    for held in [2, 1, 3, 4, 0, 6, 5, 8, 7] {
        remote.called(&format!("/held/{held}")).await;
        remote.release(&format!("/held/{held}"));
    }
    let answer = answer.await.unwrap();
    let all = list.iter().map(|path| format!("{path} /{path}"));
    assert_eq!(answer.body, json!(all.collect::<Vec<_>>()), "{answer:?}");
    assert_eq!(remote.most_at_once(), 3);
}

#[tokio::test]
async fn items_that_fail_leave_null_behind_and_fail_the_run_unless_it_handles_that() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let list = json!(["a", "status/500", "b", "status/404"]);
    let handled = each(
        &remote,
        &json!({"continue_on_error": true, "concurrency": 2}),
    );
    let url = publish(&stack, "sync", &handled).await;
    let answer = send(&url, &list).await;
    assert_eq!(
        answer.body,
        json!(["a /a", null, "b /b", null]),
        "{answer:?}"
    );
    let run = record(&stack).await;
    assert_eq!(run["state"], "succeeded");
    let mut steps: Vec<(String, Value)> = run["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            (
                format!("{} {}", step["id"], step["outcome"]),
                step["turn"].clone(),
            )
        })
        .collect();
    steps.sort_by_key(|(_, turn)| turn.to_string());
    let expected = [
        (r#""call" "succeeded""#, json!([0])),
        (r#""call" "failed""#, json!([1])),
        (r#""call" "succeeded""#, json!([2])),
        (r#""call" "failed""#, json!([3])),
        (r#""each" "handled""#, json!([])),
    ];
    let expected = expected.map(|(what, turn)| (what.to_owned(), turn));
    assert_eq!(steps, expected);
    let last = run["steps"].as_array().unwrap().last().unwrap();
    assert_eq!(
        last["output"]["body"]["text"],
        r#"["a /a",null,"b /b",null]"#
    );
    assert!(run["log"].to_string().contains("call[3]"), "{run:#}");
}

#[tokio::test]
async fn a_run_with_a_failed_item_fails_with_the_first_of_them_as_its_reason() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let url = publish(&stack, "sync", &each(&remote, &json!({"on_error": "stop"}))).await;
    let answer = send(&url, &json!(["a", "status/500", "b"])).await;
    assert_eq!((answer.status, answer.code()), (500, "run_failed"));
    assert!(remote.calls("/b").is_empty());
    let run = record(&stack).await;
    assert_eq!(
        run["error"],
        "step each: 1 of 3 items failed, and 1 did not begin; the first, items[1]: step `call`: the response \
         has status 500"
    );
}

#[tokio::test]
async fn an_empty_list_is_done_at_once_a_map_gives_its_values_and_anything_else_fails() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let url = publish(&stack, "sync", &each(&remote, &json!({}))).await;
    assert_eq!(send(&url, &json!([])).await.body, json!([]));
    let map = json!({"x": "a", "y": "b"});
    assert_eq!(send(&url, &map).await.body, json!(["a /a", "b /b"]));
    for bad in [json!("a"), json!(7), Value::Null] {
        let answer = send(&url, &bad).await;
        assert_eq!((answer.status, answer.code()), (500, "run_failed"), "{bad}");
    }
    assert_eq!((remote.calls("/a").len(), remote.calls("/b").len()), (1, 1));
}

/// Two runners, of which the first alone is there, and a queue that takes a runner for dead after a second.
async fn first_of_two() -> Stack {
    let stack = builder()
        .runners(2)
        .env(Kind::Registry, "EARSHOT_REGISTRY__ACK_WAIT_SECONDS", "1")
        .start()
        .await;
    stack.runner(1).terminate();
    stack.runner(1).wait().await;
    stack
}

#[tokio::test]
async fn a_run_whose_runner_is_killed_goes_on_with_the_items_in_flight_alone() {
    let remote = Remote::start();
    let stack = first_of_two().await;
    let after = json!([{"id": "after", "type": "http_request", "method": "POST", "url": remote.url("/after"),
        "body": "{{ __data.all|join(',') }}"}]);
    let settings = json!({"concurrency": 2, "then": after});
    let url = publish(&stack, "async", &each(&remote, &settings)).await;
    let list = json!(["a", "b", "held/c", "held/d", "e"]);
    assert_eq!(send(&url, &list).await.status, 200);
    remote.called("/held/c").await;
    remote.called("/held/d").await;
    stack.runner(1).restart().await;
    stack.runner(0).kill();
    for (held, number) in [("/held/c", "3"), ("/held/d", "4")] {
        let calls = remote.called_times(held, 2).await;
        assert_eq!(key(&calls[0]), key(&calls[1]));
        assert!(key(&calls[0]).ends_with(&format!(
            "-call[{}]",
            calls[0].body.parse::<u32>().unwrap() - 1
        )));
        assert_eq!(
            (calls[0].body.as_str(), calls[1].body.as_str()),
            (number, number)
        );
    }
    remote.release("/held/d");
    remote.release("/held/c");
    let told = remote.called("/after").await;
    let all = ["a", "b", "held/c", "held/d", "e"].map(|path| format!("{path} /{path}"));
    assert_eq!(told.body, all.join(","));
    for once in ["/a", "/b", "/e", "/after"] {
        assert_eq!(remote.calls(once).len(), 1, "{once}");
    }
}

#[tokio::test]
async fn of_hundreds_of_items_a_killed_runner_leaves_no_more_to_do_again_than_were_in_flight() {
    let remote = Remote::start();
    let stack = first_of_two().await;
    let after = json!([{"id": "after", "type": "http_request", "method": "POST", "url": remote.url("/after"),
        "body": "{{ __data.all|length }}"}]);
    let settings = json!({"items": "{{ 1..400 }}", "as": "n", "concurrency": 20, "then": after,
        "do": [{"id": "call", "type": "http_request", "method": "POST", "url": remote.url("/call"),
            "body": "{{ __data.n }}"}]});
    let url = publish(&stack, "async", &each(&remote, &settings)).await;
    assert_eq!(send(&url, &json!([])).await.status, 200);
    remote.called_times("/call", 150).await;
    stack.runner(0).kill();
    stack.runner(1).restart().await;
    assert_eq!(remote.called("/after").await.body, "400");
    let mut numbers: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    let calls = remote.calls("/call");
    for call in &calls {
        let keys = numbers.entry(call.body.parse().unwrap()).or_default();
        keys.insert(key(call).to_owned());
    }
    assert!(numbers.keys().copied().eq(1..=400));
    assert!(numbers.values().all(|keys| keys.len() == 1));
    assert!(calls.len() <= 420, "{}", calls.len());
    let traces = calls.iter().map(|call| header(call, "traceparent"));
    assert!(traces.collect::<BTreeSet<_>>().len() >= 400);
    assert_eq!(remote.calls("/after").len(), 1);
}

#[tokio::test]
async fn turns_that_wait_are_parked_with_their_run_and_each_goes_on_at_its_moment() {
    let remote = Remote::start();
    let stack = builder()
        .env(Kind::Runner, "EARSHOT_RUNNER__PARK_AFTER_SECONDS", "1")
        .env(Kind::Registry, "EARSHOT_REGISTRY__ACK_WAIT_SECONDS", "1")
        .start()
        .await;
    let late = json!({"id": "late", "type": "http_request", "method": "POST", "url": remote.url("/late"),
        "when": {"at": "{{ dateAdd(now('c'), __data.n * 3, 'seconds') }}"}, "body": "{{ __data.n }} {{ __data.mark }}"});
    let mark = json!({"id": "mark", "type": "http_request", "method": "POST", "url": remote.url("/mark"),
        "body": "{{ uuid() }}", "then": [{"id": "keep", "type": "store_value", "name": "mark",
            "value": "{{ uuid() }}", "then": [late]}]});
    let after = json!([{"id": "after", "type": "http_request", "method": "POST", "url": remote.url("/after"),
        "body": "{{ __data.all|json_encode|raw }}"}]);
    let settings = json!({"items": [2, 1], "as": "n", "concurrency": 2, "do": [mark],
        "collect": "{{ __data.mark }}", "then": after});
    let url = publish(&stack, "async", &each(&remote, &settings)).await;
    assert_eq!(send(&url, &json!([])).await.status, 200);
    remote.called_times("/mark", 2).await;
    until(PATIENCE, "the run to be parked", async || {
        let page = stack.control().get("/runs?state=waiting").await.body;
        (!page["items"].as_array()?.is_empty()).then_some(())
    })
    .await;
    stack.runner(0).kill();
    stack.runner(0).restart().await;
    let marks: Value = serde_json::from_str(&remote.called("/after").await.body).unwrap();
    let lates = remote.calls("/late").into_iter().map(|call| call.body);
    let expected = [(1, &marks[1]), (2, &marks[0])];
    let expected = expected.map(|(n, mark)| format!("{n} {}", mark.as_str().unwrap()));
    assert_eq!(lates.collect::<Vec<_>>(), expected);
    assert_ne!(marks[0], marks[1]);
    assert_eq!(remote.calls("/mark").len(), 2);
}
