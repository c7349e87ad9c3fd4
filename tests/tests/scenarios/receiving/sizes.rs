//! Bodies that are too large or encoded.

use std::time::Duration;

use serde_json::json;
use testkit::http::client;
use testkit::problem;

use super::platform::{everything, logged, publish};
use super::wire::{Wire, target};

const LIMIT: usize = 1_000;

async fn limited() -> String {
    publish(everything(&json!({"max_body_bytes": LIMIT})), json!([]))
        .await
        .url
}

/// A request with its framing in `head` and a body of `size` bytes behind it.
fn request(path: &str, head: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: a.example\r\ncontent-type: text/plain\r\n{head}\r\n\r\n{body}"
    )
}

/// `body` in chunks of 100 bytes (RFC 9112, section 7.1).
fn chunked(body: &str) -> String {
    let chunks = body.as_bytes().chunks(100);
    let chunks: String = chunks
        .map(|chunk| {
            format!(
                "{:x}\r\n{}\r\n",
                chunk.len(),
                String::from_utf8_lossy(chunk)
            )
        })
        .collect();
    format!("{chunks}0\r\n\r\n")
}

#[tokio::test]
async fn a_body_of_just_the_limit_is_taken_and_one_byte_more_is_a_413() {
    let url = limited().await;
    let body = |size: usize| "x".repeat(size);
    let taken = client().post(&url).body(body(LIMIT)).send().await.unwrap();
    assert_eq!(taken.status(), 200);
    let refused = client()
        .post(&url)
        .body(body(LIMIT + 1))
        .send()
        .await
        .unwrap();
    let refused = problem(refused, 413, "body_too_large").await;
    assert!(refused.text("detail").contains("1000"), "{}", refused.body);
}

#[tokio::test]
async fn an_oversize_body_declared_or_chunked_leaves_a_usable_connection_or_closes_it_politely() {
    let url = limited().await;
    let (address, path) = target(&url);
    let good = request(&path, "content-length: 2", "ok");
    for size in [LIMIT + 1, 100_000, 3_000_000] {
        let body = "x".repeat(size);
        for bad in [
            request(&path, &format!("content-length: {size}"), &body),
            request(&path, "transfer-encoding: chunked", &chunked(&body)),
        ] {
            let mut wire = Wire::open(address).await;
            wire.send(&bad).await;
            let refused = wire.reply(true).await.expect("the refusal can be read");
            assert_eq!(refused.status, 413, "{}", refused.head);
            assert!(refused.body.contains("body_too_large"), "{}", refused.body);
            if refused.closes() {
                assert!(wire.is_closed().await);
            } else {
                wire.send(&good).await;
                let taken = wire.reply(true).await.expect("the connection was to stay");
                assert_eq!(taken.status, 200, "{}", taken.head);
            }
        }
    }
    // Chunks that come to the very limit are taken.
    let mut wire = Wire::open(address).await;
    let fits = chunked(&"x".repeat(LIMIT));
    wire.send(request(&path, "transfer-encoding: chunked", &fits))
        .await;
    assert_eq!(wire.reply(true).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_caller_that_asks_first_is_told_before_it_sends() {
    let url = limited().await;
    let (address, path) = target(&url);
    let mut wire = Wire::open(address).await;
    wire.send(request(
        &path,
        "content-length: 2\r\nexpect: 100-continue",
        "",
    ))
    .await;
    assert_eq!(wire.reply(false).await.unwrap().status, 100);
    wire.send("ok").await;
    let taken = wire.reply(true).await.unwrap();
    assert_eq!(taken.status, 200);
    assert!(taken.body.contains("\"ok\""), "{}", taken.body);
    let mut wire = Wire::open(address).await;
    wire.send(request(
        &path,
        "content-length: 5000\r\nexpect: 100-continue",
        "",
    ))
    .await;
    let refused = wire.reply(true).await.unwrap();
    assert_eq!(refused.status, 413, "no 100 goes before: {}", refused.head);
}

#[tokio::test]
async fn nothing_runs_for_an_oversize_or_an_encoded_body() {
    const NOTE: &str = "a run for a body that fits";
    let steps = json!([{"id": "note", "type": "log", "message": NOTE}]);
    let url = publish(everything(&json!({"max_body_bytes": LIMIT})), steps)
        .await
        .url;
    for _ in 0..3 {
        let large = client()
            .post(&url)
            .body("x".repeat(2 * LIMIT))
            .send()
            .await
            .unwrap();
        problem(large, 413, "body_too_large").await;
        let encoded = client()
            .post(&url)
            .header("content-encoding", "gzip")
            .body("x");
        problem(encoded.send().await.unwrap(), 415, "unsupported_encoding").await;
    }
    assert_eq!(
        client().post(&url).body("x").send().await.unwrap().status(),
        200
    );
    testkit::until(Duration::from_secs(10), "the good run's line", async || {
        (logged(NOTE).await > 0).then_some(())
    })
    .await;
    assert_eq!(logged(NOTE).await, 1);
}

#[tokio::test]
async fn any_content_encoding_but_none_is_a_415() {
    let url = limited().await;
    for encoding in [
        "gzip",
        "br",
        "deflate",
        "zstd",
        "GZIP",
        "identity, gzip",
        "x-unknown",
    ] {
        let request = client()
            .post(&url)
            .header("content-encoding", encoding)
            .body("x");
        problem(request.send().await.unwrap(), 415, "unsupported_encoding").await;
    }
    for encoding in ["identity", "Identity", ""] {
        let request = client()
            .post(&url)
            .header("content-encoding", encoding)
            .body("x");
        assert_eq!(request.send().await.unwrap().status(), 200, "{encoding:?}");
    }
}
