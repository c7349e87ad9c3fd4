//! The platform that the tests of this module share, and the endpoints on it.

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use testkit::control::Workflow;
use testkit::stack::{Kind, Stack};
use tokio::sync::OnceCell;

/// How long a body may take here, in seconds.
pub(super) const BODY_SECONDS: &str = "3";

/// A reply of everything under `__data`.
const EVERYTHING: &str = "{{ __data|json_encode|raw }}";

/// One gateway and one runner, which may call this machine.
pub(super) async fn stack() -> &'static Stack {
    static STACK: OnceCell<Stack> = OnceCell::const_new();
    STACK
        .get_or_init(|| async {
            Stack::builder()
                .env(Kind::Gateway, "EARSHOT_GATEWAY__BODY_SECONDS", BODY_SECONDS)
                .env(
                    Kind::Runner,
                    "EARSHOT_RUNNER__ALLOWED_NETWORKS",
                    "127.0.0.0/8",
                )
                .start()
                .await
        })
        .await
}

/// Publishes a sync workflow of its own name with these settings of its listener and these steps.
pub(super) async fn publish(listener: Value, steps: Value) -> Workflow {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("receiving-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let document = testkit::document::document(&name, "sync", &listener, &steps);
    let control = stack().await.control();
    control.publish_new(&document.to_string()).await
}

/// A listener that answers with all of `__data`, with more settings.
pub(super) fn everything(more: &Value) -> Value {
    let mut listener = json!({"return_type": "data", "return_data": EVERYTHING});
    for (name, value) in more.as_object().into_iter().flatten() {
        listener[name] = value.clone();
    }
    listener
}

/// The URL of the endpoint that answers any method with all of `__data`.
pub(super) async fn echo() -> &'static str {
    static ECHO: OnceCell<String> = OnceCell::const_new();
    ECHO.get_or_init(|| async {
        let methods = json!({
            "methods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
            "max_body_bytes": 4 * 1024 * 1024,
        });
        publish(everything(&methods), json!([])).await.url
    })
    .await
}

/// Sends a request to an endpoint that answers with all of `__data`, and reads it.
pub(super) async fn data(request: RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What of `__data` the caller named.
pub(super) fn fields(data: &Value) -> Value {
    let all = data.as_object().expect("all of `__data`").iter();
    let named = all.filter(|(name, _)| !name.starts_with("__"));
    named
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// How many runs have logged this text.
pub(super) async fn logged(text: &str) -> usize {
    let logs = stack().await.logs(Kind::Runner);
    logs.iter().filter(|line| line["message"] == text).count()
}
