//! Letters to the turns of a `for_each`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testkit::document::with;
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::Stack;

use super::platform::{accepting, builder, call, publish, resume_url, run_in, start, tell};
use crate::resilience::load::Answer;

/// A `for_each` over the request's list.
fn each(steps: &Value, more: &Value) -> Value {
    let step = json!({"id": "each", "type": "for_each", "items": "{{ __data.list }}", "do": steps});
    with(step, more)
}

/// A turn that tells its resume URL and waits.
fn asking(remote: &Remote, more: &Value) -> Value {
    let wait = json!({"id": "wait", "type": "wait_for_callback", "timeout": "1 hour"});
    let text = "{{ __data.item }} {{ callbackUrl('wait') }}";
    json!([tell(
        "ask",
        remote,
        text,
        &json!({"then": [with(wait, more)]})
    )])
}

/// The resume URLs that so many turns have told, by their items.
async fn told(stack: &Stack, remote: &Remote, turns: usize) -> BTreeMap<String, String> {
    let calls = remote.called_times("/ask", turns).await;
    let told = calls.iter().map(|call| {
        let (item, url) = call.body.split_once(' ').unwrap();
        (item.to_owned(), resume_url(stack, url))
    });
    told.collect()
}

/// The turns in which a step of a run was done, in the order of their ends, with its output as text.
fn turns_of(run: &Value, id: &str) -> Vec<(Value, String)> {
    let steps = run["steps"].as_array().unwrap().iter();
    let steps = steps.filter(|step| step["id"] == id);
    let steps = steps.map(|step| (step["turn"].clone(), step["output"].to_string()));
    steps.collect()
}

#[tokio::test]
async fn each_turn_waits_at_a_url_of_its_own_and_what_came_is_in_the_order_of_the_items() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let done = tell("done", &remote, "{{ __data.all|join(' ') }}", &json!({}));
    let more = json!({"concurrency": 3, "result": "all", "then": [done],
        "collect": "{{ __data.item }}-{{ __data.callback.body.answer }}"});
    let steps = json!([each(&asking(&remote, &json!({})), &more)]);
    let url = publish(&stack, "turns", "async", &accepting(), &steps).await;
    start(&url, &json!({"list": ["a", "b", "c", "d"]})).await;
    let mut urls = told(&stack, &remote, 3).await;
    stack.wait_until_parked(1).await;
    for item in ["c", "a"] {
        let answer = Answer::of(call(&urls[item], item)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let again = Answer::of(call(&urls[item], "x")).await;
        assert_eq!((again.status, again.code()), (409, "callback_used"));
    }
    // There is room for the last turn now, and the others go on waiting over the death of their runner.
    urls.extend(told(&stack, &remote, 4).await);
    stack.wait_until_parked(1).await;
    stack.runner(0).kill();
    stack.runner(0).restart().await;
    for item in ["d", "b"] {
        let answer = Answer::of(call(&urls[item], item)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(remote.called("/done").await.body, "a-a b-b c-c d-d");
    let run = run_in(&stack, "turns", "succeeded").await;
    let mut waits = turns_of(&run, "wait");
    waits.sort_by_key(|(turn, _)| turn.to_string());
    for (number, item) in ["a", "b", "c", "d"].into_iter().enumerate() {
        let (turn, output) = &waits[number];
        assert_eq!(turn, &json!([number]), "{run:#}");
        assert!(
            output.contains(&format!(r#"\"answer\":\"{item}\""#)),
            "{output}"
        );
    }
    let whole = run.to_string();
    for url in urls.values() {
        assert!(!whole.contains(url.rsplit('/').next().unwrap()), "{run:#}");
        let late = Answer::of(call(url, "late")).await;
        assert_eq!((late.status, late.code()), (410, "callback_over"));
    }
    assert_eq!(remote.calls("/ask").len(), 4);
}

#[tokio::test]
async fn a_turn_that_nobody_calls_in_time_fails_alone() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let late = json!({"timeout": "3 seconds"});
    let done = tell(
        "done",
        &remote,
        "{{ __data.all|json_encode|raw }}",
        &json!({}),
    );
    let more = json!({"concurrency": 2, "result": "all", "continue_on_error": true, "then": [done],
        "collect": "{{ __data.callback.body.answer }}"});
    let steps = json!([each(&asking(&remote, &late), &more)]);
    let url = publish(&stack, "hurried", "async", &accepting(), &steps).await;
    start(&url, &json!({"list": ["a", "b"]})).await;
    let urls = told(&stack, &remote, 2).await;
    let answer = Answer::of(call(&urls["b"], "yes")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(remote.called("/done").await.body, r#"[null,"yes"]"#);
    let run = run_in(&stack, "hurried", "succeeded").await;
    let told = run.to_string();
    assert!(
        told.contains("nobody called the resume URL within 3 seconds"),
        "{run:#}"
    );
}

#[tokio::test]
async fn a_run_whose_caller_waits_leaves_no_url_of_a_turn_open() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let stop = json!({"then": [{"id": "enough", "type": "stop", "outcome": "success"}]});
    let steps = json!([each(&asking(&remote, &stop), &json!({"concurrency": 2}))]);
    let listener = json!({"return_type": "data", "return_data": "{}", "sync_timeout": 60});
    let url = publish(&stack, "sync", "sync", &listener, &steps).await;
    let list = json!({"list": ["a", "b"]});
    let asked = tokio::spawn(Answer::of(client().post(&url).json(&list)));
    let urls = told(&stack, &remote, 2).await;
    let called = Answer::of(call(&urls["b"], "yes")).await;
    assert_eq!(called.status, 200, "{called:?}");
    assert_eq!(asked.await.unwrap().status, 200);
    let late = Answer::of(call(&urls["a"], "yes")).await;
    assert_eq!((late.status, late.code()), (410, "callback_over"));
}

#[tokio::test]
async fn turns_call_another_workflow_so_many_at_once_and_have_its_replies_in_the_order_of_the_items()
 {
    let remote = Remote::start();
    let stack = builder().start().await;
    let held = json!([{"id": "held", "type": "http_request", "timeout": 60,
        "url": remote.url("/held/{{ __data.n }}")}]);
    let data = json!({"return_type": "data", "return_data": "{\"twice\": {{ __data.n * 2 }}}"});
    publish(&stack, "doubles", "sync", &data, &held).await;
    let call = json!([{"id": "ask", "type": "call_workflow", "workflow": "doubles",
        "data": {"n": "{{ __data.item }}"}}]);
    let done = tell("done", &remote, "{{ __data.all|join(' ') }}", &json!({}));
    let more = json!({"concurrency": 2, "result": "all", "then": [done],
        "collect": "{{ __data.item }}:{{ __data.called.data.twice }}"});
    let steps = json!([each(&call, &more)]);
    let url = publish(&stack, "asks", "async", &accepting(), &steps).await;
    start(&url, &json!({"list": [1, 2, 3, 4]})).await;
    // The later one of those under way ends first.
    for n in [2, 1, 4, 3] {
        remote.called(&format!("/held/{n}")).await;
        remote.release(&format!("/held/{n}"));
    }
    assert_eq!(remote.called("/done").await.body, "1:2 2:4 3:6 4:8");
    assert_eq!(remote.most_at_once(), 2);
    let run = run_in(&stack, "asks", "succeeded").await;
    assert_eq!(turns_of(&run, "ask").len(), 4, "{run:#}");
    for n in 1..=4 {
        assert_eq!(remote.calls(&format!("/held/{n}")).len(), 1);
    }
}

#[tokio::test]
async fn a_workflow_without_a_listener_is_called_like_any_and_hands_back_how_it_ended() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let control = stack.control();
    let told = tell(
        "told",
        &remote,
        "{{ __data.n }} {{ __data.__request.source }}",
        &json!({}),
    );
    let document = json!({
        "apiVersion": "earshot/v1", "kind": "Workflow", "metadata": {"name": "quiet"},
        "spec": {"record_type": "virtual", "source": "manual", "steps": [told]},
    });
    let made = control.try_create(&document.to_string()).await;
    assert_eq!(made.status, 201, "{:#}", made.body);
    control.publish(made.body["id"].as_str().unwrap()).await;
    let done = "{{ __data.called.outcome }} {{ __data.called.run_id }} \
        {{ __data.called.status|json_encode }} {{ __data.called.data|json_encode }}";
    let done = tell("done", &remote, done, &json!({}));
    let steps = json!([{"id": "ask", "type": "call_workflow", "workflow": "quiet", "data": {"n": 7},
        "then": [done]}]);
    let url = publish(&stack, "asks", "async", &accepting(), &steps).await;
    start(&url, &json!({})).await;
    assert_eq!(remote.called("/told").await.body, "7 push");
    let got = remote.called("/done").await.body;
    let called = run_in(&stack, "quiet", "succeeded").await;
    let id = called["id"].as_str().unwrap();
    assert_eq!(got, format!("succeeded {id} null null"));
}
