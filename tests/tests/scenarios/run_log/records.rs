//! What a record says.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::http::client;
use testkit::problem;
use testkit::remote::Remote;

use super::platform::{ended, only, publish, says, stack, whole};

#[tokio::test]
async fn a_synchronous_run_appears_with_its_request_steps_and_reply() {
    let steps = json!([
        {"id": "sum", "type": "store_value", "name": "sum", "value": "{{ __data.a + 1 }}"},
        {"id": "big", "type": "condition", "left": "{{ __data.sum }}", "operator": "greater",
            "right": 2, "yes": [{"id": "say", "type": "log", "message": "big", "level": "warn"}]},
    ]);
    let listener = says("{{ __data.sum }}{{ __data.nope }}");
    let workflow = publish("record-sync", "sync", listener, steps).await;
    let sent = client()
        .post(format!("{}?q=1", workflow.url))
        .json(&json!({"a": 2}));
    let reply = sent.send().await.unwrap();
    let request_id = reply.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(reply.text().await.unwrap(), "3");
    let run = only(&stack().await.control(), "record-sync").await;
    for (path, value) in [
        ("/workflow", json!("record-sync")),
        ("/workflow_id", json!(workflow.id)),
        ("/endpoint_id", json!(workflow.endpoint_id)),
        ("/version", json!(1)),
        ("/mode", json!("sync")),
        ("/state", json!("succeeded")),
        ("/status", json!(200)),
        ("/error", Value::Null),
        ("/request_id", json!(request_id)),
        ("/request/method", json!("POST")),
        (
            "/request/path",
            json!(format!("/listener/{}", workflow.endpoint_id)),
        ),
        ("/request/query", json!("q=1")),
        (
            "/request/body",
            json!({"text": "{\"a\":2}", "size": 7, "truncated": false}),
        ),
        ("/steps/0/id", json!("sum")),
        ("/steps/0/type", json!("store_value")),
        ("/steps/0/outcome", json!("succeeded")),
        ("/steps/0/input/body/text", json!("{\"name\":\"sum\"}")),
        ("/steps/0/output/body/text", json!("3")),
        ("/steps/1/type", json!("condition")),
        (
            "/steps/1/input/body/text",
            json!("{\"left\":3,\"right\":2}"),
        ),
        ("/steps/1/output/body/text", json!("true")),
        ("/steps/2/id", json!("say")),
        ("/log/0/text", json!("big")),
        ("/log/0/level", json!("warn")),
        ("/undefined/0/name", json!("__data.nope")),
        ("/undefined/0/line", json!(1)),
        ("/reply/status", json!(200)),
        ("/reply/body/text", json!("3")),
        ("/left_out", json!(0)),
    ] {
        assert_eq!(run.pointer(path), Some(&value), "{path} in {run:#}");
    }
    let path = workflow.path();
    let hash = path.rsplit('/').next().unwrap();
    assert!(
        !run.to_string().contains(hash),
        "the listener's URL is a secret"
    );
}

#[tokio::test]
async fn a_failed_run_says_why_and_is_found_by_its_words() {
    let steps = json!([
        {"id": "reckon", "type": "store_value", "name": "x", "value": "{{ findOne('nothing', 'a', 1) }}"},
    ]);
    let workflow = publish("record-failed", "sync", says("never"), steps).await;
    let reply = client().get(&workflow.url).send().await.unwrap();
    problem(reply, 500, "run_failed").await;
    let control = stack().await.control();
    let run = only(&control, "record-failed").await;
    assert_eq!(run["state"], "failed");
    assert_eq!(run["steps"][0]["outcome"], "failed");
    let error = run["error"].as_str().unwrap();
    assert!(error.starts_with("step reckon: "), "{error}");
    for (query, wanted) in [
        ("state=failed&text=RECKON", 1),
        ("state=succeeded", 0),
        ("text=reckoning", 0),
        ("from=2020-01-01", 1),
        ("to=2020-01-01", 0),
    ] {
        let path = format!("/runs?workflow={}&{query}", workflow.id);
        let found = control.get(&path).await.body;
        assert_eq!(
            found["items"].as_array().unwrap().len(),
            wanted,
            "{query}: {found:#}"
        );
    }
}

#[tokio::test]
async fn the_steps_of_many_turns_are_counted_and_leave_room_for_those_after_them() {
    let turn = json!([{"id": "say", "type": "log", "message": "{{ __data.item }}"}]);
    let steps = json!([{"id": "each", "type": "for_each", "items": "{{ 1..700 }}", "do": turn,
        "then": [{"id": "after", "type": "log", "message": "done"}]}]);
    let workflow = publish("record-turns", "sync", says("ok"), steps).await;
    assert_eq!(
        client().get(&workflow.url).send().await.unwrap().status(),
        200
    );
    let run = only(&stack().await.control(), "record-turns").await;
    assert_eq!(run["left_out"], 400);
    let told = run["steps"].as_array().unwrap();
    let named = |step: &Value| format!("{} {}", step["id"], step["turn"]);
    let named: Vec<String> = told.iter().map(named).collect();
    assert_eq!(named.len(), 502);
    assert_eq!(named[499], r#""say" [499]"#);
    assert_eq!(named[500..], [r#""each" []"#, r#""after" []"#]);
    assert_eq!(run["log"][499]["step"], "say[499]");
    assert_eq!(run["log"][500]["text"], "done");
}

#[tokio::test]
async fn an_asynchronous_run_appears_with_what_it_asked_and_heard() {
    let remote = Remote::start();
    let steps = json!([{
        "id": "ask", "type": "http_request", "method": "POST", "url": remote.url("/status/418"),
        "query": {"page": "{{ __data.a }}"}, "json": {"a": "{{ __data.a }}"}, "on_failure": [
            {"id": "sorry", "type": "log", "message": "no luck", "level": "error"},
        ],
    }]);
    let workflow = publish("record-async", "async", says("ok"), steps).await;
    let sent = client().post(&workflow.url).json(&json!({"a": 7}));
    assert_eq!(sent.send().await.unwrap().status(), 200);
    let run = only(&stack().await.control(), "record-async").await;
    for (path, value) in [
        ("/mode", json!("async")),
        ("/state", json!("succeeded")),
        ("/reply/by_gateway", json!(true)),
        ("/reply/status", json!(200)),
        ("/steps/0/id", json!("ask")),
        ("/steps/0/type", json!("http_request")),
        ("/steps/0/outcome", json!("handled")),
        ("/steps/0/attempts", json!(1)),
        ("/steps/0/input/method", json!("POST")),
        (
            "/steps/0/input/url",
            json!(remote.url("/status/418?page=7")),
        ),
        ("/steps/0/input/body/text", json!("{\"a\":7}")),
        ("/steps/0/output/status", json!(418)),
        (
            "/steps/0/output/body/text",
            json!("{\"path\":\"/status/418\"}"),
        ),
        ("/steps/1/id", json!("sorry")),
    ] {
        assert_eq!(run.pointer(path), Some(&value), "{path} in {run:#}");
    }
    assert!(run["steps"][0]["error"].as_str().unwrap().contains("418"));
}

#[tokio::test]
async fn a_run_that_takes_long_is_told_of_before_its_end() {
    let remote = Remote::start();
    let steps = json!([{"id": "ask", "type": "http_request", "url": remote.url("/held/long")}]);
    let workflow = publish("record-long", "async", says("ok"), steps).await;
    client().get(&workflow.url).send().await.unwrap();
    let control = stack().await.control();
    let path = format!("/runs?workflow={}&state=running", workflow.id);
    let running = testkit::until(super::platform::SOON, "a run under way", async || {
        control.get(&path).await.body["items"].get(0).cloned()
    })
    .await;
    assert_eq!(running["ended_at"], Value::Null);
    remote.release("/held/long");
    let done = ended(&control, &workflow.id, 1).await;
    assert_eq!(
        (&done[0]["id"], &done[0]["state"]),
        (&running["id"], &json!("succeeded"))
    );
}

#[tokio::test]
async fn a_large_body_is_cut_and_frames_are_counted() {
    let steps = json!([
        {"id": "one", "type": "sse_frame", "event": "tick", "data": "1"},
        {"id": "two", "type": "sse_frame", "data": "2", "final": true},
    ]);
    let workflow = publish("record-sse", "sync", json!({"return_type": "sse"}), steps).await;
    let body = "x".repeat(40_000);
    let sent = client().post(&workflow.url).body(body);
    sent.send().await.unwrap().text().await.unwrap();
    let control = stack().await.control();
    let runs = ended(&control, &workflow.id, 1).await;
    let run = whole(&control, &runs[0]).await;
    let body = &run["request"]["body"];
    assert_eq!(
        (&body["size"], &body["truncated"]),
        (&json!(40_000), &json!(true))
    );
    assert_eq!(body["text"].as_str().unwrap().len(), 16 * 1024);
    assert_eq!(run["reply"]["frame_count"], 2);
    assert_eq!(run["reply"]["first_frames"][0]["event"], "tick");
    assert_eq!(run["reply"]["first_frames"][1]["data"]["text"], "2");
    assert_eq!(run["steps"][0]["input"]["body"]["text"], "1");
}

#[tokio::test]
async fn pages_lead_through_all_runs_and_an_unknown_run_is_not_found() {
    let workflow = publish("record-pages", "sync", says("ok"), json!([])).await;
    for _ in 0..5 {
        client().get(&workflow.url).send().await.unwrap();
    }
    let control = stack().await.control();
    let all = ended(&control, &workflow.id, 5).await;
    let mut paged = Vec::new();
    let mut path = format!("/runs?workflow={}&limit=2", workflow.id);
    loop {
        let page = control.get(&path).await.body;
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/runs?workflow={}&limit=2&cursor={cursor}", workflow.id);
    }
    assert_eq!(paged, all);
    for (path, status, code) in [
        (
            "/runs/0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee",
            404,
            "not_found",
        ),
        ("/runs/none", 404, "not_found"),
        ("/runs?limit=0", 400, "invalid_request"),
        ("/runs?state=asleep", 400, "invalid_request"),
        ("/runs?from=yesterday", 400, "invalid_request"),
        ("/runs?cursor=x", 400, "invalid_request"),
        ("/runs?colour=red", 400, "invalid_request"),
        ("/runs/live?limit=1", 400, "invalid_request"),
    ] {
        let reply = control.request(Method::GET, path).send().await.unwrap();
        problem(reply, status, code).await;
    }
}
