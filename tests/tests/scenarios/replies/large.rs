//! Replies larger than one message of the bus.

use serde_json::json;
use testkit::http;
use testkit::remote::Remote;
use testkit::until;

use super::platform::{header, publish, stack};

/// Two megabytes of which no part is like another.
fn large() -> String {
    let mut text = String::with_capacity(2_100_000);
    let mut n = 0_u32;
    while text.len() < 2_000_000 {
        text.push_str(&format!("{n:x} {} ü;", n.wrapping_mul(2_654_435_761)));
        n += 1;
    }
    text
}

#[tokio::test]
async fn a_reply_of_two_megabytes_arrives_whole_in_every_cell_of_the_table() {
    let sent = large();
    let own = json!({ "return_type": "continue", "max_body_bytes": 4_000_000 });
    let respond = json!([{ "id": "a", "type": "respond", "return_type": "data", "return_data": "{{ __data.__body }}" }]);
    let data = json!({ "return_type": "data", "return_data": "{{ __data.__body }}", "max_body_bytes": 4_000_000 });
    for (name, mode, listener, steps) in [
        ("large-sync", "sync", data.clone(), json!([])),
        ("large-async", "async", data, json!([])),
        ("large-continue", "sync", own.clone(), respond.clone()),
        ("large-parked", "async", own, respond),
    ] {
        let url = publish(name, mode, listener, steps).await;
        let request = http::client()
            .post(url)
            .header("content-type", "text/x-large")
            .body(sent.clone());
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{name}");
        assert_eq!(
            header(&response, "content-length"),
            sent.len().to_string(),
            "{name}"
        );
        assert!(
            response.text().await.unwrap() == sent,
            "{name}: the reply differs"
        );
    }
}

#[tokio::test]
async fn a_kept_reply_of_two_megabytes_is_fetched_whole() {
    let sent = large();
    let remote = Remote::start();
    let listener =
        json!({ "return_type": "continue", "continue_timeout": 1, "max_body_bytes": 4_000_000 });
    let steps = json!([{
        "id": "wait", "type": "http_request", "url": remote.url("/held/large"), "timeout": 60,
        "then": [{ "id": "a", "type": "respond", "return_type": "data", "return_data": "{{ __data.__body }}" }],
    }]);
    let url = publish("large-late", "async", listener, steps).await;
    let request = http::client()
        .post(url)
        .header("content-type", "text/x-large")
        .body(sent.clone());
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 202);
    let reply_url = format!(
        "{}{}",
        stack().await.gateway(0).listener_url(),
        header(&response, "location")
    );
    remote.release("/held/large");
    let reply = until(
        std::time::Duration::from_secs(30),
        "the reply",
        async || {
            let reply = http::client().get(&reply_url).send().await.unwrap();
            (reply.status() == 200).then_some(reply)
        },
    )
    .await;
    assert!(reply.text().await.unwrap() == sent, "the reply differs");
}
