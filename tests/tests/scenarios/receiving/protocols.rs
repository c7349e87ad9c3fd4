//! HTTP/2 and HTTP/1.0 beside HTTP/1.1.

use serde_json::json;

use super::platform::{data, echo, fields};
use super::wire::{Wire, target};

#[tokio::test]
async fn http_2_brings_the_same_data() {
    let client = reqwest::Client::builder()
        .http2_prior_knowledge()
        .no_proxy()
        .build()
        .unwrap();
    let requests = (0..20).map(|n| {
        let client = client.clone();
        async move {
            let request = client.post(format!("{}?n={n}", echo().await));
            data(request.json(&json!({"a": [n]}))).await
        }
    });
    for (n, all) in futures_util::future::join_all(requests)
        .await
        .iter()
        .enumerate()
    {
        assert_eq!(fields(all), json!({"n": n.to_string(), "a": [n]}));
        assert!(
            all["__headers"]["host"]
                .as_str()
                .unwrap()
                .starts_with("127.0.0.1:")
        );
    }
}

#[tokio::test]
async fn http_1_0_is_answered_and_its_connection_closed() {
    let (address, path) = target(echo().await);
    let mut wire = Wire::open(address).await;
    wire.send(format!("GET {path}?a=1 HTTP/1.0\r\n\r\n")).await;
    let reply = wire.reply(true).await.unwrap();
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains("\"a\":\"1\""), "{}", reply.body);
    assert!(wire.is_closed().await);
}

#[tokio::test]
async fn two_requests_in_one_packet_get_two_replies_in_order() {
    let (address, path) = target(echo().await);
    let mut wire = Wire::open(address).await;
    let request = |n: u8| format!("GET {path}?n={n} HTTP/1.1\r\nhost: a.example\r\n\r\n");
    wire.send(format!("{}{}", request(1), request(2))).await;
    for n in ["1", "2"] {
        let reply = wire.reply(true).await.unwrap();
        assert!(
            reply.body.contains(&format!("\"n\":\"{n}\"")),
            "{}",
            reply.body
        );
    }
}
