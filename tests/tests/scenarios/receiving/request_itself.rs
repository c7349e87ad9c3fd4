//! `__data.__request`.

use serde_json::json;
use testkit::http::client;

use super::platform::{echo, everything, publish};

#[tokio::test]
async fn the_request_is_told_without_the_secret_url() {
    let endpoint = publish(everything(&json!({})), json!([])).await;
    let before = testkit::jwt::now();
    let response = client()
        .post(format!("{}?a=1&b=%20%2B", endpoint.url))
        .header("x-request-id", "of the caller's own")
        .send()
        .await
        .unwrap();
    let id = response.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let text = response.text().await.unwrap();
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let request = &all["__request"];
    assert_eq!(request["id"], *id);
    assert_eq!(uuid::Uuid::parse_str(&id).unwrap().get_version_num(), 7);
    assert_eq!(request["method"], "POST");
    assert_eq!(request["query"], "a=1&b=%20%2B");
    assert_eq!(request["ip"], "127.0.0.1");
    assert_eq!(request["endpoint_id"], *endpoint.endpoint_id);
    assert_eq!(
        request["path"],
        format!("/listener/{}", endpoint.endpoint_id)
    );
    let received_at = request["received_at"].as_str().unwrap();
    let moment: jiff::Timestamp = received_at.parse().unwrap();
    assert!(
        (before..=testkit::jwt::now()).contains(&moment.as_second()),
        "{received_at}"
    );
    assert_eq!(request.as_object().unwrap().len(), 7, "{request:#}");
    for hash in endpoint.path().split('/').skip(2) {
        assert_eq!(hash.len(), 32);
        assert!(!text.contains(hash), "the URL is a secret: {text}");
    }
}

#[tokio::test]
async fn a_forwarded_address_is_not_believed_from_just_anyone() {
    let request = client()
        .get(echo().await)
        .header("x-forwarded-for", "203.0.113.9");
    let all = super::platform::data(request).await;
    assert_eq!(all["__request"]["ip"], "127.0.0.1");
    assert_eq!(all["__headers"]["x_forwarded_for"], "203.0.113.9");
}

#[tokio::test]
async fn two_requests_have_two_ids() {
    let id = async || {
        let reply = client().get(echo().await).send().await.unwrap();
        reply.headers()["x-request-id"].to_str().unwrap().to_owned()
    };
    assert_ne!(id().await, id().await);
}
