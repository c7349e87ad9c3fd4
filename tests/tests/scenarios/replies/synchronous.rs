//! Synchronous `data`, `html` and `redirect`: rendered after the run.

use serde_json::{Value, json};
use testkit::http;
use testkit::remote::Remote;

use super::platform::{header, publish};

fn doubled() -> Value {
    json!([{ "id": "double", "type": "store_value", "name": "total", "value": "{{ __data.a * 2 }}" }])
}

#[tokio::test]
async fn a_synchronous_data_reply_echoes_what_a_step_has_stored() {
    let listener = json!({
        "return_type": "data",
        "return_data": "{\"total\": {{ __data.total }}, \"name\": \"{{ __data.name }}\"}",
    });
    let url = publish("sync-data", "sync", listener, doubled()).await;
    let request = http::client()
        .post(url)
        .json(&json!({"a": 21, "name": "Ada"}));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "application/json");
    assert_eq!(
        response.json::<Value>().await.unwrap(),
        json!({"total": 42, "name": "Ada"})
    );
}

#[tokio::test]
async fn a_synchronous_html_reply_echoes_what_a_step_has_stored() {
    let listener = json!({
        "return_type": "html",
        "return_html": "<p>{{ __data.total }} for {{ __data.name }}</p>",
    });
    let url = publish("sync-html", "sync", listener, doubled()).await;
    let request = http::client()
        .post(url)
        .json(&json!({"a": 4, "name": "A & B"}));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(
        header(&response, "content-type"),
        "text/html; charset=utf-8"
    );
    assert_eq!(response.text().await.unwrap(), "<p>8 for A &amp; B</p>");
}

#[tokio::test]
async fn a_synchronous_redirect_leads_where_a_step_has_computed() {
    let listener = json!({
        "return_type": "redirect",
        "return_redirect": "/thanks?total={{ __data.total }}",
    });
    let url = publish("sync-redirect", "sync", listener, doubled()).await;
    let request = http::client().post(url).json(&json!({"a": 3}));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(header(&response, "location"), "/thanks?total=6");
    assert_eq!(response.text().await.unwrap(), "");
}

#[tokio::test]
async fn a_synchronous_caller_gets_the_answer_of_a_service_that_the_run_called() {
    let remote = Remote::start();
    let listener = json!({
        "return_type": "data",
        "return_data": "{\"status\": {{ __data.webhook.status }}, \"ok\": {{ __data.webhook.ok }}, \"body\": {{ __data.webhook.body }}}",
    });
    let steps = json!([{
        "id": "call",
        "type": "http_request",
        "method": "POST",
        "url": remote.url("/take"),
        "headers": { "X-Name": "{{ __data.name }}" },
        "query": { "q": "{{ __data.q }}" },
        "json": { "a": "{{ __data.a }}", "list": ["{{ __data.name }}", 1, true, null] },
    }]);
    let url = publish("sync-call", "sync", listener, steps).await;
    let body = json!({"a": 1.5, "name": "Ada", "q": "x & y=z/ü"});
    let response = http::client().post(url).json(&body).send().await.unwrap();
    let told: Value = response.json().await.unwrap();
    assert_eq!(
        told,
        json!({"status": 200, "ok": true, "body": {"path": "/take"}})
    );
    let call = remote.called("/take").await;
    assert_eq!(call.method, "POST");
    assert!(
        call.headers.contains(&("x-name".into(), "Ada".into())),
        "{call:?}"
    );
    let sent: Value = serde_json::from_str(&call.body).unwrap();
    assert_eq!(sent, json!({"a": 1.5, "list": ["Ada", 1, true, null]}));
    let asked = reqwest::Url::parse(&remote.url(&format!("/take?{}", call.query))).unwrap();
    let pairs: Vec<_> = asked.query_pairs().collect();
    assert_eq!(pairs, [("q".into(), "x & y=z/ü".into())]);
}
