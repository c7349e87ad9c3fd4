//! What is refused before anything ran leaves the key free.

use reqwest::header::HeaderValue;
use serde_json::json;
use testkit::remote::Remote;
use testkit::until;

use super::platform::{Endpoint, Reply, builder, call, data};

#[tokio::test]
async fn what_is_no_key_is_a_400_with_a_hint_and_runs_nothing() {
    let remote = Remote::start();
    let endpoint = Endpoint::new("sync", &data(), &call(&remote, "/never", &json!([]))).await;
    let long = "k".repeat(256);
    for bad in ["", "\"\"", "a b", "\"a", &long] {
        let told = endpoint
            .reply(0, bad, "")
            .await
            .problem(400, "invalid_request");
        let detail = told["detail"].as_str().unwrap();
        assert!(
            detail.contains("Idempotency-Key") && detail.contains("255"),
            "{detail}"
        );
    }
    let twice = endpoint.post(0, "a", "").header("idempotency-key", "b");
    Reply::to(twice).await.problem(400, "invalid_request");
    let odd = HeaderValue::from_bytes(b"\xff").unwrap();
    let mut odd_key = endpoint.post(0, "x", "").build().unwrap();
    odd_key.headers_mut().insert("idempotency-key", odd);
    let client = testkit::http::client();
    let odd_key = reqwest::RequestBuilder::from_parts(client, odd_key);
    Reply::to(odd_key).await.problem(400, "invalid_request");
    assert_eq!(remote.calls("/never").len(), 0);
}

#[tokio::test]
async fn a_request_that_nobody_could_run_runs_when_it_comes_again() {
    let stack = builder().start().await;
    let endpoint = Endpoint::on(&stack, "sync", &data(), &json!([])).await;
    let small = json!({
        "return_type": "data", "return_data": "{{ uuid() }}", "max_body_bytes": 10,
    });
    let small = Endpoint::on(&stack, "sync", &small, &json!([])).await;
    small
        .reply(0, "a", "more than ten bytes")
        .await
        .problem(413, "body_too_large");
    let fits = small.reply(0, "a", "few").await;
    assert_eq!((fits.status, fits.is_replayed()), (200, false));

    stack.runner(0).kill();
    endpoint.reply(0, "b", "").await.problem(503, "no_runner");
    endpoint.reply(1, "b", "").await.problem(503, "no_runner");
    stack.runner(0).restart().await;
    let ran = until(std::time::Duration::from_secs(30), "the run", async || {
        let reply = endpoint.reply(1, "b", "").await;
        (reply.status == 201).then_some(reply)
    })
    .await;
    assert!(!ran.is_replayed());
    endpoint.reply(0, "b", "").await.is_that_of(&ran);
}
