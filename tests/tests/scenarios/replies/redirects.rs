//! Where a redirect may lead, and where not.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::stack::Kind;
use testkit::{http, until};

use super::platform::{has_run_id, header, problem, publish, stack};

const REFUSED: [&str; 12] = [
    "javascript:alert(1)",
    "JavaScript://x/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:\\\\evil.example",
    "/a\r\nSet-Cookie: a=b",
    "/\t/evil.example",
    "evil.example",
    "",
];

/// A listener whose whole target is what the caller says, unescaped.
fn listener() -> Value {
    json!({ "return_type": "redirect", "return_redirect": "{{ __data.to | raw }}" })
}

fn respond() -> Value {
    json!([{ "id": "away", "type": "respond", "return_type": "redirect", "return_redirect": "{{ __data.to | raw }}" }])
}

/// Endpoints that redirect in every way there is.
async fn endpoints(name: &str) -> Vec<String> {
    let own = json!({ "return_type": "continue" });
    vec![
        publish(&format!("{name}-sync"), "sync", listener(), json!([])).await,
        publish(&format!("{name}-async"), "async", listener(), json!([])).await,
        publish(&format!("{name}-step"), "sync", own.clone(), respond()).await,
        publish(&format!("{name}-step-async"), "async", own, respond()).await,
    ]
}

#[tokio::test]
async fn a_redirect_that_leads_elsewhere_is_500_and_its_reason_is_logged() {
    for url in endpoints("astray").await {
        for to in REFUSED {
            let response = http::client()
                .post(&url)
                .json(&json!({ "to": to }))
                .send()
                .await
                .unwrap();
            assert!(response.headers().get("location").is_none(), "{to:?}");
            assert!(response.headers().get("set-cookie").is_none(), "{to:?}");
            let body = problem(response, 500, "reply_refused").await;
            has_run_id(&body);
            let run_id = body["run_id"].clone();
            logged(&run_id).await;
        }
    }
}

/// Waits for a line about a run that gives the reason.
async fn logged(run_id: &Value) {
    let stack = stack().await;
    let reason = format!("the reason of {run_id} in a log");
    until(Duration::from_secs(20), &reason, async || {
        let mut lines = stack.logs(Kind::Runner);
        lines.extend(stack.logs(Kind::Gateway));
        lines
            .iter()
            .map(Value::to_string)
            .any(|line| {
                line.contains(run_id.as_str().unwrap()) && line.contains("the redirect target")
            })
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_path_and_an_http_url_are_redirected_to() {
    for url in endpoints("straight").await {
        for (to, location) in [
            ("/", "/"),
            ("/thanks?a=b#c", "/thanks?a=b#c"),
            ("https://example.com/x?y=z", "https://example.com/x?y=z"),
            ("http://example.com", "http://example.com"),
            ("HTTPS://EXAMPLE.com/", "HTTPS://EXAMPLE.com/"),
            ("/grün", "/gr%C3%BCn"),
        ] {
            let response = http::client()
                .post(&url)
                .json(&json!({ "to": to }))
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), 302, "{to}");
            assert_eq!(header(&response, "location"), location);
        }
    }
}

#[tokio::test]
async fn a_respond_step_that_cannot_redirect_may_be_handled_by_the_author() {
    let mut steps = respond();
    steps[0]["on_failure"] = json!([
        { "id": "instead", "type": "respond", "return_type": "data", "return_status": 400, "return_data": "no such place" }
    ]);
    let url = publish(
        "astray-handled",
        "sync",
        json!({"return_type": "continue"}),
        steps,
    )
    .await;
    let request = http::client()
        .post(url)
        .json(&json!({"to": "javascript:alert(1)"}));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(response.text().await.unwrap(), "no such place");
}
