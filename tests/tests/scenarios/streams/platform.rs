//! The platform that these tests share, and streams on it.

use serde_json::{Value, json};
use testkit::remote::Remote;
use testkit::stack::{Builder, Kind, Stack};
use tokio::sync::OnceCell;

/// How often the gateways of the shared platform send a comment.
pub(super) const COMMENT_MS: u64 = 200;

/// The platform for tests that do it no harm: two gateways, and a runner that may call loopback.
pub(super) async fn stack() -> &'static Stack {
    static STACK: OnceCell<Stack> = OnceCell::const_new();
    let start = async || {
        let comments = COMMENT_MS.to_string();
        let builder = calling_out().gateways(2);
        let builder = builder.env(
            Kind::Gateway,
            "EARSHOT_GATEWAY__STREAM_COMMENT_MS",
            &comments,
        );
        let builder = builder.env(Kind::Gateway, "EARSHOT_GATEWAY__SLOW_READER_SECONDS", "1");
        builder.start().await
    };
    STACK.get_or_init(start).await
}

/// A platform whose runners may call loopback.
pub(super) fn calling_out() -> Builder {
    Stack::builder().env(
        Kind::Runner,
        "EARSHOT_RUNNER__ALLOWED_NETWORKS",
        "127.0.0.0/8",
    )
}

/// Publishes a workflow; the path of its URL.
pub(super) async fn publish(
    stack: &Stack,
    name: &str,
    mode: &str,
    listener: &Value,
    steps: &Value,
) -> String {
    let document = testkit::document::document(name, mode, listener, steps);
    stack
        .control()
        .publish_new(&document.to_string())
        .await
        .path()
}

/// Publishes a stream; the path of its URL.
pub(super) async fn stream(stack: &Stack, name: &str, mode: &str, steps: &Value) -> String {
    publish(stack, name, mode, &json!({ "return_type": "sse" }), steps).await
}

/// A frame whose data is its own name.
pub(super) fn frame(id: &str) -> Value {
    json!({ "id": id, "type": "sse_frame", "data": id })
}

/// A step with others after it.
pub(super) fn then(mut step: Value, next: &[Value]) -> Value {
    step["then"] = json!(next);
    step
}

/// A request to a path of a remote service.
pub(super) fn call(id: &str, remote: &Remote, path: &str) -> Value {
    json!({ "id": id, "type": "http_request", "url": remote.url(path), "timeout": 60 })
}

/// The URL of a path at one of the gateways.
pub(super) fn at(stack: &Stack, gateway: usize, path: &str) -> String {
    format!("{}{path}", stack.gateway(gateway).listener_url())
}
