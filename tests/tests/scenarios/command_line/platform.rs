//! The platform that the tests of this module share.

use std::sync::atomic::{AtomicU32, Ordering};

use testkit::stack::{Kind, Stack};
use tokio::sync::OnceCell;

use super::earshot::Earshot;

/// One of everything; runs may call this machine.
pub(super) async fn stack() -> &'static Stack {
    static STACK: OnceCell<Stack> = OnceCell::const_new();
    STACK
        .get_or_init(|| {
            Stack::builder()
                .env(
                    Kind::Runner,
                    "EARSHOT_RUNNER__ALLOWED_NETWORKS",
                    "127.0.0.0/8",
                )
                .start()
        })
        .await
}

/// `earshot` with these arguments, the platform's address and the admin token.
pub(super) async fn earshot(arguments: &[&str]) -> Earshot {
    let stack = stack().await;
    Earshot::new(arguments)
        .env("EARSHOT_URL", &stack.gateway(0).control_url())
        .env("EARSHOT_TOKEN", stack.admin_token())
}

/// A name that no other workflow of this process has.
pub(super) fn name(of: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{of}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A workflow that answers with this text, with more lines of its listener.
pub(super) fn workflow(name: &str, reply: &str, listener: &str) -> String {
    format!(
        "apiVersion: earshot/v1\nkind: Workflow\nmetadata: {{name: {name}, category: {name}}}\nspec:\n  \
         record_type: virtual\n  source: listener\n  run_mode: sync\n  listener:\n    return_type: data\n    \
         return_data: '{reply}'\n{listener}"
    )
}
