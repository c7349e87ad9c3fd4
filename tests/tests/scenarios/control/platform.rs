//! The platform that the tests of this module share, and documents for it.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use testkit::control::Client;
use testkit::stack::Stack;
use tokio::sync::OnceCell;

/// Two gateways, so that what one says can be held against what the other does.
pub(super) async fn stack() -> &'static Stack {
    static STACK: OnceCell<Stack> = OnceCell::const_new();
    STACK
        .get_or_init(|| Stack::builder().gateways(2).start())
        .await
}

/// The control plane of the first gateway, with the admin token.
pub(super) async fn control() -> Client {
    stack().await.control()
}

/// A name that no other workflow of this process has.
pub(super) fn name(of: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{of}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A workflow that answers with a fixed text.
pub(super) fn document(name: &str, reply: &str) -> Value {
    json!({
        "apiVersion": "earshot/v1",
        "kind": "Workflow",
        "metadata": {"name": name},
        "spec": {
            "record_type": "virtual",
            "source": "listener",
            "run_mode": "sync",
            "listener": {"return_type": "data", "return_data": reply},
        },
    })
}

/// The same as a text.
pub(super) fn text(name: &str, reply: &str) -> String {
    document(name, reply).to_string()
}

/// Calls a URL; status and body.
pub(super) async fn call(url: &str) -> (u16, String) {
    let reply = testkit::http::client().get(url).send().await.unwrap();
    (reply.status().as_u16(), reply.text().await.unwrap())
}
