//! Ending a service's tasks within bounds.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The tasks of a service, and the word that tells them to end; clones share both.
///
/// A task is spawned with `shutdown.tracker.spawn(…)` and watches `shutdown.token.cancelled()`.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    /// Cancelled when the drain begins: take no new work, end what runs for ever.
    pub token: CancellationToken,
    /// Counts the tasks that a drain waits for.
    pub tracker: TaskTracker,
}

impl Shutdown {
    /// Nothing is running and nothing is ending.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells every task to end, and waits `grace` at most. Whether all of them have ended.
    pub async fn drain(&self, grace: Duration) -> bool {
        self.token.cancel();
        self.tracker.close();
        tokio::time::timeout(grace, self.tracker.wait())
            .await
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_drain_waits_for_a_task_that_heeds_the_word() {
        let shutdown = Shutdown::new();
        let token = shutdown.token.clone();
        let task = shutdown
            .tracker
            .spawn(async move { token.cancelled().await });
        assert!(shutdown.drain(Duration::from_secs(30)).await);
        assert!(task.is_finished());
    }

    #[tokio::test(start_paused = true)]
    async fn a_drain_ends_at_its_grace_when_a_task_does_not() {
        let shutdown = Shutdown::new();
        shutdown.tracker.spawn(std::future::pending::<()>());
        assert!(!shutdown.drain(Duration::from_secs(30)).await);
    }
}
