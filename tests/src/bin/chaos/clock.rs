//! The passing of time, which is what faults and loads are made of.

use std::time::Duration;

/// Lets some time pass.
pub(crate) async fn pass(time: Duration) {
    // tidy-allow(sleep): faults last, callers pause, services take their time; nothing is waited for by this
    tokio::time::sleep(time).await;
}
