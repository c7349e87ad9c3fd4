//! What a failing step does to the reply.

use serde_json::{Value, json};
use testkit::http;
use testkit::remote::Remote;
use testkit::stack::Stack;

use super::platform::{has_run_id, problem, publish, publish_on};

fn respond(id: &str, status: u16, text: &str) -> Value {
    json!({ "id": id, "type": "respond", "return_type": "data", "return_status": status, "return_data": text })
}

#[tokio::test]
async fn a_failed_request_goes_the_way_of_on_failure_and_its_result_is_there() {
    let remote = Remote::start();
    let steps = json!([{
        "id": "call", "type": "http_request", "url": remote.url("/status/503"), "result": "answer",
        "then": [respond("fine", 200, "fine")],
        "on_failure": [respond("sorry", 502, "{\"status\": {{ __data.answer.status }}, \"ok\": {{ __data.answer.ok }}}")],
    }]);
    let url = publish(
        "on-failure",
        "sync",
        json!({"return_type": "continue"}),
        steps,
    )
    .await;
    let response = http::client().get(url).send().await.unwrap();
    assert_eq!(response.status(), 502);
    assert_eq!(
        response.json::<Value>().await.unwrap(),
        json!({"status": 503, "ok": false})
    );
}

#[tokio::test]
async fn with_continue_on_error_a_failed_request_is_gone_over() {
    let remote = Remote::start();
    let steps = json!([{
        "id": "call", "type": "http_request", "url": remote.url("/status/404"), "continue_on_error": true,
        "then": [respond("answer", 200, "{\"status\": {{ __data.webhook.status }}}")],
    }]);
    let url = publish("go-over", "sync", json!({"return_type": "continue"}), steps).await;
    let response = http::client().get(url).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.json::<Value>().await.unwrap(),
        json!({"status": 404})
    );
}

#[tokio::test]
async fn the_author_says_which_statuses_fail_a_request() {
    let remote = Remote::start();
    for (index, (fail_on, status, expected)) in [
        (json!(["5xx"]), 404, "then"),
        (json!(["404"]), 404, "failure"),
        (json!([]), 500, "then"),
        (json!(["2xx"]), 200, "failure"),
    ]
    .into_iter()
    .enumerate()
    {
        let steps = json!([{
            "id": "call", "type": "http_request", "url": remote.url(&format!("/status/{status}")), "fail_on": fail_on,
            "then": [respond("then", 200, "then")], "on_failure": [respond("failure", 200, "failure")],
        }]);
        let url = publish(
            &format!("fail-on-{index}"),
            "sync",
            json!({"return_type": "continue"}),
            steps,
        )
        .await;
        let response = http::client().get(url).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_data_endpoint_whose_run_fails_is_500_with_the_run_id() {
    let remote = Remote::start();
    for (return_type, script) in [
        ("data", "return_data"),
        ("html", "return_html"),
        ("redirect", "return_redirect"),
    ] {
        let listener = json!({ "return_type": return_type, script: "/x" });
        let steps =
            json!([{ "id": "call", "type": "http_request", "url": remote.url("/status/500") }]);
        let url = publish(&format!("fails-{return_type}"), "sync", listener, steps).await;
        let response = http::client().get(url).send().await.unwrap();
        has_run_id(&problem(response, 500, "run_failed").await);
    }
}

#[tokio::test]
async fn private_addresses_are_refused_by_default_and_on_failure_replies() {
    let stack = Stack::start().await;
    let remote = Remote::start();
    let loopback = reqwest::Url::parse(&remote.url("/never")).unwrap();
    let port = loopback.port().unwrap();
    let steps = json!([{
        "id": "call", "type": "http_request", "url": "{{ __data.url | raw }}", "timeout": 5,
        "then": [respond("reached", 200, "reached")],
        "on_failure": [respond("refused", 403, "{\"ok\": {{ __data.webhook.ok }}}")],
    }]);
    let url = publish_on(
        &stack,
        "guarded",
        "sync",
        json!({"return_type": "continue"}),
        steps,
    )
    .await;
    for target in [
        loopback.to_string(),
        format!("http://localhost:{port}/never"),
        format!("http://[::1]:{port}/never"),
        format!("http://[::ffff:127.0.0.1]:{port}/never"),
        format!("http://2130706433:{port}/never"),
        format!("http://0x7f.1:{port}/never"),
        format!("http://0.0.0.0:{port}/never"),
        "http://10.0.0.1/".to_owned(),
        "http://192.168.1.1/".to_owned(),
        "http://172.16.0.1/".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[fd00::1]/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let request = http::client().post(&url).json(&json!({ "url": target }));
        let response = request.send().await.unwrap();
        let status = response.status();
        assert_eq!(
            (status.as_u16(), response.text().await.unwrap().as_str()),
            (403, "{\"ok\": false}"),
            "{target}"
        );
    }
    assert!(remote.calls("/never").is_empty());
}
