//! The platform that the tests of this module share.

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::Method;
use serde_json::{Value, json};
use testkit::control::{Client, Reply};
use testkit::stack::{Builder, Kind, Stack};
use tokio::sync::OnceCell;

/// A platform whose runs may call this machine.
pub(super) fn builder() -> Builder {
    let networks = "EARSHOT_RUNNER__ALLOWED_NETWORKS";
    Stack::builder().env(Kind::Runner, networks, "127.0.0.0/8")
}

/// Two gateways and two runners, so that a change has to reach more than one of each.
pub(super) async fn stack() -> &'static Stack {
    static STACK: OnceCell<Stack> = OnceCell::const_new();
    STACK
        .get_or_init(|| builder().gateways(2).runners(2).start())
        .await
}

/// A name that nothing else of this process has.
pub(super) fn name(of: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{of}{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// `PUT` of a value, whatever comes back. `kind` is `secrets` or `variables`.
pub(super) async fn put(control: &Client, kind: &str, name: &str, value: &str) -> Reply {
    let request = control.request(Method::PUT, &format!("/{kind}/{name}"));
    control.send(request.json(&json!({ "value": value }))).await
}

/// Sets a value.
pub(super) async fn set(control: &Client, kind: &str, name: &str, value: &str) {
    let reply = put(control, kind, name, value).await;
    assert!(
        reply.status.is_success(),
        "{}: {:#}",
        reply.status,
        reply.body
    );
}

/// `DELETE`, whatever comes back.
pub(super) async fn delete(control: &Client, path: &str) -> Reply {
    control.send(control.request(Method::DELETE, path)).await
}

/// A document with a new name.
pub(super) fn document(mode: &str, listener: &Value, steps: &Value) -> Value {
    testkit::document::document(&name("settings-"), mode, listener, steps)
}

/// Calls a URL at a path; status and body.
pub(super) async fn call(url: &str) -> (u16, String) {
    let reply = testkit::http::client().get(url).send().await.unwrap();
    (reply.status().as_u16(), reply.text().await.unwrap())
}
