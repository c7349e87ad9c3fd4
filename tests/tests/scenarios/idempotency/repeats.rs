//! What a key stands for, and which replies come again.

use reqwest::Method;
use serde_json::json;
use testkit::remote::Remote;

use super::platform::{Endpoint, Reply, call, data, respond, stack};

#[tokio::test]
async fn a_key_stands_for_one_method_query_type_and_body_of_one_endpoint() {
    let endpoint = Endpoint::new("sync", &data(), &json!([])).await;
    let first = endpoint.reply(0, "one", "body").await;
    assert_eq!(first.status, 201);
    let others = [
        endpoint.post(1, "one", "other"),
        endpoint.post(1, "one", "body").query(&[("a", "b")]),
        endpoint
            .post(1, "one", "body")
            .header("content-type", "text/plain"),
        endpoint.request(1, Method::PUT, "one").body("body"),
        endpoint.request(1, Method::GET, "one"),
    ];
    for other in others {
        Reply::to(other)
            .await
            .problem(422, "idempotency_key_reused");
    }
    endpoint
        .reply(1, "\"one\"", "body")
        .await
        .is_that_of(&first);
    let elsewhere = Endpoint::new("sync", &data(), &json!([])).await;
    let own = elsewhere.reply(0, "one", "other").await;
    assert_eq!(own.status, 201);
    assert!(!own.is_replayed());
    assert_ne!(own.text, first.text);
    let without = Reply::to(reqwest_without_key(&endpoint)).await;
    assert_ne!(without.text, first.text);
}

fn reqwest_without_key(endpoint: &Endpoint) -> reqwest::RequestBuilder {
    let mut request = endpoint.post(0, "x", "body").build().unwrap();
    request.headers_mut().remove("idempotency-key");
    reqwest::RequestBuilder::from_parts(testkit::http::client(), request)
}

#[tokio::test]
async fn get_and_head_take_a_key_too() {
    let endpoint = Endpoint::new("sync", &data(), &json!([])).await;
    for (method, key) in [(Method::GET, "get"), (Method::HEAD, "head")] {
        let first = Reply::to(endpoint.request(0, method.clone(), key)).await;
        assert_eq!(first.status, 201);
        let again = Reply::to(endpoint.request(1, method, key)).await;
        assert!(again.is_replayed());
        again.is_that_of(&first);
    }
}

#[tokio::test]
async fn a_run_that_failed_or_came_too_late_is_not_run_again() {
    let remote = Remote::start();
    let fail = json!([{ "id": "end", "type": "stop", "outcome": "failure" }]);
    let failing = call(&remote, "/fails", &fail);
    let late = call(&remote, "/held/late", &respond());
    let quick = json!({ "return_type": "continue", "sync_timeout": 1 });
    for (listener, steps, path, status, code) in [
        (data(), failing, "/fails", 500, "run_failed"),
        (quick, late, "/held/late", 504, "run_timeout"),
    ] {
        let endpoint = Endpoint::new("sync", &listener, &steps).await;
        let first = endpoint.reply(0, "bad", "").await;
        let told = first.problem(status, code);
        assert!(told["run_id"].is_string(), "{told}");
        let again = endpoint.reply(1, "bad", "").await;
        assert!(again.is_replayed());
        again.is_that_of(&first);
        assert_eq!(remote.calls(path).len(), 1);
    }
}

#[tokio::test]
async fn a_caller_that_left_gets_its_reply_when_it_comes_back() {
    let remote = Remote::start();
    let steps = call(&remote, "/held/left", &respond());
    let listener = json!({ "return_type": "continue", "on_disconnect": "cancel" });
    let endpoint = Endpoint::new("sync", &listener, &steps).await;
    let caller = tokio::spawn(Reply::to(endpoint.post(0, "left", "")));
    remote.called("/held/left").await;
    caller.abort();
    let back = tokio::spawn(Reply::to(endpoint.post(1, "left", "")));
    endpoint.has_waiting(stack().await, 1).await;
    remote.release("/held/left");
    let reply = back.await.unwrap();
    assert_eq!(reply.status, 201);
    assert!(reply.is_replayed());
    assert_eq!(remote.calls("/held/left").len(), 1);
}

#[tokio::test]
async fn a_request_whose_first_takes_longer_than_its_own_patience_is_told_so() {
    let remote = Remote::start();
    let steps = call(&remote, "/held/slow", &respond());
    let listener = json!({ "return_type": "continue", "sync_timeout": 3 });
    let endpoint = Endpoint::new("sync", &listener, &steps).await;
    let first = tokio::spawn(Reply::to(endpoint.post(0, "slow", "")));
    remote.called("/held/slow").await;
    // The first gives up first, so whoever waits gets its 504.
    let second = endpoint.reply(1, "slow", "").await;
    let first = first.await.unwrap();
    first.problem(504, "run_timeout");
    second.is_that_of(&first);
    remote.release("/held/slow");
}

#[tokio::test]
async fn a_large_reply_comes_again_whole_and_one_too_large_to_be_kept_is_told_of() {
    let remote = Remote::start();
    let listener = json!({
        "return_type": "data",
        "return_data": "{% for a in 1..1000 %}{{ __data.__body }}{% endfor %}",
    });
    let endpoint = Endpoint::new("sync", &listener, &call(&remote, "/large", &json!([]))).await;
    let body = "x".repeat(4_000);
    let first = endpoint.reply(0, "fits", &body).await;
    assert_eq!((first.status, first.text.len()), (200, 4_000_000));
    let again = endpoint.reply(1, "fits", &body).await;
    again.is_that_of(&first);
    assert_eq!(remote.calls("/large").len(), 1);
    let body = "y".repeat(8_000);
    let first = endpoint.reply(0, "does-not-fit", &body).await;
    assert_eq!((first.status, first.text.len()), (200, 8_000_000));
    let again = endpoint.reply(1, "does-not-fit", &body).await;
    let told = again.problem(409, "idempotency_reply_not_kept");
    assert_eq!(told["first_status"], 200);
    assert!(told["run_id"].is_string());
    assert_eq!(remote.calls("/large").len(), 2);
}
