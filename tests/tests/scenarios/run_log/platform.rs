//! The platform that these tests share, and looking for runs on it.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::control::{Client, Workflow};
use testkit::document::document;
use testkit::stack::{Builder, Kind, Stack};
use testkit::until;
use tokio::sync::OnceCell;

pub(super) const SOON: Duration = Duration::from_secs(60);

/// A platform whose runners may call loopback.
pub(super) fn builder() -> Builder {
    Stack::builder().env(
        Kind::Runner,
        "EARSHOT_RUNNER__ALLOWED_NETWORKS",
        "127.0.0.0/8",
    )
}

/// The platform for tests that do it no harm.
pub(super) async fn stack() -> &'static Stack {
    static STACK: OnceCell<Stack> = OnceCell::const_new();
    STACK.get_or_init(async || builder().start().await).await
}

/// Publishes a workflow on the shared platform.
pub(super) async fn publish(name: &str, mode: &str, listener: Value, steps: Value) -> Workflow {
    let document = document(name, mode, &listener, &steps);
    stack()
        .await
        .control()
        .publish_new(&document.to_string())
        .await
}

/// A listener that replies with this text.
pub(super) fn says(text: &str) -> Value {
    json!({"return_type": "data", "return_data": text})
}

/// The runs of a workflow once there are so many that have ended, newest first.
pub(super) async fn ended(control: &Client, workflow: &str, count: usize) -> Vec<Value> {
    let path = format!("/runs?workflow={workflow}&limit=200");
    until(SOON, "runs in the list", async || {
        let page = control.get(&path).await;
        let items = page.body["items"].as_array()?.clone();
        let over = items.iter().all(|run| !run["ended_at"].is_null());
        (items.len() >= count && over).then_some(items)
    })
    .await
}

/// All that is kept of the only run of a workflow.
pub(super) async fn only(control: &Client, workflow: &str) -> Value {
    let runs = ended(control, workflow, 1).await;
    assert_eq!(runs.len(), 1, "{runs:#?}");
    whole(control, &runs[0]).await
}

/// All that is kept of a run in a list.
pub(super) async fn whole(control: &Client, run: &Value) -> Value {
    let reply = control
        .get(&format!("/runs/{}", run["id"].as_str().unwrap()))
        .await;
    assert_eq!(reply.status, 200, "{:#}", reply.body);
    reply.body
}
