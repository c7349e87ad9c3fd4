//! The platform that these tests share, and endpoints on it.

use reqwest::Response;
use serde_json::{Value, json};
use testkit::stack::{Kind, Stack};
use tokio::sync::OnceCell;

/// The platform for tests that do it no harm. Its runner may call loopback.
pub(super) async fn stack() -> &'static Stack {
    static STACK: OnceCell<Stack> = OnceCell::const_new();
    STACK
        .get_or_init(async || calling_out().start().await)
        .await
}

/// A platform whose runners may call loopback.
pub(super) fn calling_out() -> testkit::stack::Builder {
    Stack::builder().env(
        Kind::Runner,
        "EARSHOT_RUNNER__ALLOWED_NETWORKS",
        "127.0.0.0/8",
    )
}

/// A workflow document as JSON.
pub(super) fn document(name: &str, mode: &str, listener: &Value, steps: &Value) -> String {
    testkit::document::document(name, mode, listener, steps).to_string()
}

/// Publishes a workflow on the shared platform; its URL.
pub(super) async fn publish(name: &str, mode: &str, listener: Value, steps: Value) -> String {
    publish_on(stack().await, name, mode, listener, steps).await
}

/// Publishes a workflow; its URL.
pub(super) async fn publish_on(
    stack: &Stack,
    name: &str,
    mode: &str,
    listener: Value,
    steps: Value,
) -> String {
    let document = document(name, mode, &listener, &steps);
    stack.control().publish_new(&document).await.url
}

/// Asserts that a reply is the problem of this code, as RFC 9457 has it, and returns its body.
pub(super) async fn problem(response: Response, status: u16, code: &str) -> Value {
    let headers = response.headers().clone();
    let got = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(got, status, "{text}");
    assert_eq!(
        headers["content-type"], "application/problem+json",
        "{text}"
    );
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(body["code"], code, "{text}");
    assert_eq!(body["status"], status, "{text}");
    assert_eq!(
        body["request_id"],
        headers["x-request-id"].to_str().unwrap()
    );
    body
}

/// Asserts that a problem names a run.
pub(super) fn has_run_id(problem: &Value) {
    let run_id = problem["run_id"].as_str().unwrap_or_default();
    let version = uuid::Uuid::parse_str(run_id).map(|id| id.get_version_num());
    assert_eq!(version, Ok(7), "{problem}");
}

/// One header of a reply.
pub(super) fn header(response: &Response, name: &str) -> String {
    let value = response.headers().get(name);
    let value = value.unwrap_or_else(|| panic!("no {name}: {response:?}"));
    String::from_utf8(value.as_bytes().to_vec()).unwrap()
}

/// Steps of which only one that is never reached is a `respond`: a run that ends without a reply. `instead` comes in its
/// place.
pub(super) fn silent(instead: &Value) -> Value {
    json!([{
        "id": "asked", "type": "condition", "left": "{{ __data.speak }}", "operator": "is_not_empty",
        "yes": [{ "id": "speak", "type": "respond", "return_type": "data", "return_data": "never" }],
        "no": instead,
    }])
}
