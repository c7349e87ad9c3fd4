//! No runner there: callers who wait are told at once.

use std::time::{Duration, Instant};

use serde_json::json;
use testkit::http;
use testkit::stack::Stack;

use super::platform::{header, problem, publish_on};

#[tokio::test]
async fn without_a_runner_every_synchronous_reply_is_503_at_once_with_retry_after() {
    let stack = Stack::builder().runners(0).start().await;
    for (return_type, script) in [
        ("data", Some("return_data")),
        ("html", Some("return_html")),
        ("redirect", Some("return_redirect")),
        ("continue", None),
        ("sse", None),
    ] {
        let mut listener = json!({ "return_type": return_type });
        if let Some(script) = script {
            listener[script] = json!("/x");
        }
        let steps = match return_type {
            "continue" => {
                json!([{ "id": "a", "type": "respond", "return_type": "data", "return_data": "x" }])
            }
            "sse" => json!([{ "id": "a", "type": "sse_frame", "data": "x" }]),
            _ => json!([]),
        };
        let name = format!("nobody-{return_type}");
        let url = publish_on(&stack, &name, "sync", listener, steps).await;
        let begun = Instant::now();
        let response = http::client().get(url).send().await.unwrap();
        assert!(
            begun.elapsed() < Duration::from_secs(2),
            "{return_type} took {:?}",
            begun.elapsed()
        );
        let seconds: u64 = header(&response, "retry-after").parse().unwrap();
        assert!(seconds >= 1);
        problem(response, 503, "no_runner").await;
    }
}

#[tokio::test]
async fn right_after_the_only_runner_was_killed_the_reply_is_503_at_once() {
    let stack = Stack::start().await;
    let listener = json!({ "return_type": "data", "return_data": "x" });
    let url = publish_on(&stack, "killed", "sync", listener, json!([])).await;
    assert_eq!(http::client().get(&url).send().await.unwrap().status(), 200);
    stack.runner(0).kill();
    let begun = Instant::now();
    let response = http::client().get(&url).send().await.unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    assert!(response.headers().contains_key("retry-after"));
    problem(response, 503, "no_runner").await;
    stack.runner(0).restart().await;
    testkit::until(
        Duration::from_secs(10),
        "the runner to be known",
        async || {
            let status = http::client().get(&url).send().await.unwrap().status();
            (status == 200).then_some(())
        },
    )
    .await;
}
