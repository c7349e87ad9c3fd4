//! Whether a run is still its runner's, just before something is done that others see.
//!
//! The journal refuses what an outdated runner writes. What it does between two entries, nobody can refuse; so where much
//! time has passed since the last entry, as after an outage or a suspension, the runner looks first.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::{Bus, journal};
use shared::ids::RunId;
use tokio::time::{Instant, sleep};

use crate::service::Shared;

/// How long one look may take.
const TRY: Duration = Duration::from_secs(5);

/// The pause between two looks while NATS is away.
const PAUSE: Duration = Duration::from_millis(250);

/// What is known of the journal of a run at work.
#[derive(Clone)]
pub(crate) struct Fence {
    pub(crate) bus: Bus,
    pub(crate) run_id: RunId,
    /// For how long the last entry is proof enough: a runner that could write just then has told the queue of its job no
    /// longer ago than this, and the queue is three times as patient.
    sure: Duration,
    state: Arc<Mutex<State>>,
}

struct State {
    /// The stream's number of the last entry that this runner knows.
    last: u64,
    /// When the run was this runner's for certain.
    at: Instant,
    /// Whether another has it.
    lost: bool,
}

impl Fence {
    /// The fence of a run without a journal as yet.
    pub(crate) fn new(runner: &Shared, run_id: RunId) -> Self {
        let sure = Duration::from_millis(runner.progress_ms.load(Ordering::Relaxed));
        Self::with(runner.bus.clone(), run_id, sure)
    }

    fn with(bus: Bus, run_id: RunId, sure: Duration) -> Self {
        let state = State {
            last: 0,
            at: Instant::now(),
            lost: false,
        };
        Self {
            bus,
            run_id,
            sure,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The stream's number of the last entry.
    pub(crate) fn last(&self) -> u64 {
        self.state().last
    }

    /// The last entry is this one, which was not there before `at`.
    pub(crate) fn wrote(&self, last: u64, at: Instant) {
        let mut state = self.state();
        state.last = last;
        state.at = at;
    }

    /// Whether it was found out that another has the run.
    pub(crate) fn is_lost(&self) -> bool {
        self.state().lost
    }

    /// Whether the run is still this runner's. While NATS is away nobody knows, and nothing is done.
    pub(crate) async fn holds(&self) -> bool {
        loop {
            {
                let state = self.state();
                // Without an entry there is nothing to be taken over: the first one is refused where another was faster.
                if state.lost || state.last == 0 || state.at.elapsed() < self.sure {
                    return !state.lost;
                }
            }
            let asked = Instant::now();
            match journal::last(&self.bus, self.run_id, TRY).await {
                Ok(last) => {
                    let found = last.map(|entry| entry.sequence);
                    let mut state = self.state();
                    // One of this runner's own may have come after what was read.
                    state.lost = found.is_none_or(|found| found > state.last);
                    state.at = state.at.max(asked);
                    return !state.lost;
                }
                Err(error) => {
                    tracing::warn!(%error, "a run waits until it is known whether it is still this runner's");
                    sleep(PAUSE).await;
                }
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use bus::topology::{self, Storage};
    use bytes::Bytes;
    use testkit::nats::Server;
    use uuid::Uuid;

    use super::*;

    async fn write(fence: &Fence, after: u64) -> u64 {
        let entry = Bytes::from_static(b"an entry");
        let written = journal::write(&fence.bus, fence.run_id, after, entry, None, TRY);
        written.await.unwrap()
    }

    #[tokio::test]
    async fn a_run_is_its_runners_until_another_has_written_into_its_journal() {
        let server = Server::start();
        let settings = bus::Settings {
            url: server.url(),
            service: "registry-svc",
            auth: bus::Auth::None,
            connect_timeout: Duration::from_secs(20),
        };
        let bus = Bus::connect(&settings).await.unwrap();
        topology::create(&bus, Storage::default()).await.unwrap();
        let mut fence = Fence::with(bus, RunId(Uuid::now_v7()), Duration::ZERO);
        assert!(fence.holds().await);
        let first = write(&fence, 0).await;
        fence.wrote(first, Instant::now());
        assert!(fence.holds().await);
        let second = write(&fence, first).await;
        fence.wrote(second, Instant::now());
        assert!(fence.holds().await);
        // Another takes over. What was written just now is proof for a moment, and then no more.
        write(&fence, second).await;
        fence.sure = Duration::from_secs(60);
        assert!(fence.holds().await);
        fence.sure = Duration::ZERO;
        assert!(!fence.holds().await);
        assert!(fence.is_lost());
    }
}
