//! Asynchronous `data`, `html` and `redirect`: answered at once from the request, while the run goes on.

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};
use testkit::http;
use testkit::remote::Remote;

use super::platform::{header, publish};

/// Calls, while the run cannot go on, and proves that the run still does its work afterwards.
async fn answered_before_the_run_ends(name: &str, listener: Value) -> Response {
    let remote = Remote::start();
    let (held, after) = (format!("/held/{name}"), format!("/after/{name}"));
    let steps = json!([{
        "id": "wait",
        "type": "http_request",
        "url": remote.url(&held),
        "timeout": 60,
        "then": [
            { "id": "keep", "type": "store_value", "name": "late", "value": "never seen" },
            { "id": "tell", "type": "http_request", "method": "POST", "url": remote.url(&after),
              "json": { "name": "{{ __data.name }}", "status": "{{ __data.webhook.status }}" } },
        ],
    }]);
    let url = publish(name, "async", listener, steps).await;
    let request = http::client().post(url).json(&json!({"name": "Ada"}));
    let response = request
        .timeout(Duration::from_secs(10))
        .send()
        .await
        .unwrap();
    remote.called(&held).await;
    assert!(remote.calls(&after).is_empty(), "the run has gone on");
    remote.release(&held);
    let told: Value = serde_json::from_str(&remote.called(&after).await.body).unwrap();
    assert_eq!(told, json!({"name": "Ada", "status": 200}));
    assert_eq!(remote.calls(&held).len(), 1, "the run has run twice");
    response
}

#[tokio::test]
async fn an_asynchronous_data_reply_comes_at_once_from_the_request_alone() {
    let listener = json!({
        "return_type": "data",
        "return_status": 201,
        "return_headers": { "X-Name": "{{ __data.name }}" },
        "return_data": "{\"hello\": \"{{ __data.name }}\", \"late\": \"{{ __data.late }}\"}",
    });
    let response = answered_before_the_run_ends("async-data", listener).await;
    assert_eq!(response.status(), 201);
    assert_eq!(header(&response, "x-name"), "Ada");
    assert_eq!(
        response.json::<Value>().await.unwrap(),
        json!({"hello": "Ada", "late": ""})
    );
}

#[tokio::test]
async fn an_asynchronous_html_reply_comes_at_once_from_the_request_alone() {
    let listener = json!({ "return_type": "html", "return_html": "<p>{{ __data.name }}</p>" });
    let response = answered_before_the_run_ends("async-html", listener).await;
    assert_eq!(response.status(), 200);
    assert_eq!(
        header(&response, "content-type"),
        "text/html; charset=utf-8"
    );
    assert_eq!(response.text().await.unwrap(), "<p>Ada</p>");
}

#[tokio::test]
async fn an_asynchronous_redirect_comes_at_once_from_the_request_alone() {
    let listener = json!({
        "return_type": "redirect",
        "return_redirect": "https://example.com/thanks?name={{ __data.name }}",
        "return_status": 303,
    });
    let response = answered_before_the_run_ends("async-redirect", listener).await;
    assert_eq!(response.status(), 303);
    assert_eq!(
        header(&response, "location"),
        "https://example.com/thanks?name=Ada"
    );
}
