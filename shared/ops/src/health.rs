//! What a service says about itself: whether it is ready, and if not, what it waits for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

/// The state of one thing that a service needs in order to serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is there.
    Ready,
    /// It is not there; the text goes on after "waiting": `for nats-server`. Never a secret.
    Waiting(String),
}

impl State {
    /// Not there yet; the text goes on after "waiting": `for nats-server`.
    #[must_use]
    pub fn waiting(for_what: impl Into<String>) -> Self {
        Self::Waiting(for_what.into())
    }
}

/// The named checks of one service; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Health {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    checks: Mutex<BTreeMap<Cow<'static, str>, State>>,
    draining: watch::Sender<bool>,
    gave_up: watch::Sender<Option<String>>,
}

/// What `/readyz` tells, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Whether the service lets the work in flight end and takes no more.
    pub draining: bool,
    /// The checks, by name.
    pub checks: BTreeMap<Cow<'static, str>, State>,
}

impl Report {
    /// Whether new work may be sent here: every check is ready, and there is no drain.
    #[must_use]
    pub fn ready(&self) -> bool {
        !self.draining && self.checks.values().all(|state| *state == State::Ready)
    }
}

impl Health {
    /// No checks yet, which counts as ready.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one check, and logs when that changes it.
    pub fn set(&self, check: impl Into<Cow<'static, str>>, state: State) {
        let check = check.into();
        let mut checks = self
            .inner
            .checks
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = checks.insert(check.clone(), state.clone());
        drop(checks);
        if before.as_ref() == Some(&state) {
            return;
        }
        match state {
            State::Ready => tracing::info!(%check, "ready"),
            State::Waiting(what) => tracing::info!(%check, "waiting {what}"),
        }
    }

    /// The checks as they stand.
    #[must_use]
    pub fn report(&self) -> Report {
        let checks = self
            .inner
            .checks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Report {
            draining: *self.inner.draining.borrow(),
            checks,
        }
    }

    /// Whether new work may be sent here.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.report().ready()
    }

    /// From here on the service is not ready, whatever its checks say.
    pub fn start_draining(&self) {
        self.inner.draining.send_replace(true);
    }

    /// Asks for the whole process to drain and end with exit code 70, because going on makes no sense. For what only
    /// a restart can mend; the first reason counts.
    pub fn give_up(&self, reason: impl Into<String>) {
        self.inner.gave_up.send_if_modified(|slot| {
            let first = slot.is_none();
            if first {
                *slot = Some(reason.into());
            }
            first
        });
    }

    /// Waits until [`Health::give_up`] was called, and returns the reason.
    pub async fn gave_up(&self) -> String {
        let mut reasons = self.inner.gave_up.subscribe();
        match reasons.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or_default(),
            // The sender lives in `self`, which is borrowed for as long as this waits.
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_ready_when_every_check_is() {
        let health = Health::new();
        health.set("nats", State::Ready);
        health.set("routes", State::waiting("for the routes"));
        assert!(!health.is_ready());
        health.set("routes", State::Ready);
        assert!(health.is_ready());
    }

    #[test]
    fn a_drain_outweighs_every_check_on_every_clone() {
        let health = Health::new();
        health.set("nats", State::Ready);
        let clone = health.clone();
        health.start_draining();
        assert!(!clone.is_ready());
        assert!(!health.is_ready());
    }

    #[tokio::test]
    async fn the_first_reason_to_give_up_counts() {
        let health = Health::new();
        health.give_up("the journal is gone");
        health.give_up("and the bus too");
        assert_eq!(health.gave_up().await, "the journal is gone");
    }
}
