//! Clearing away the journals of runs that have ended.

use std::time::Duration;

use bus::{Bus, journal};
use shared::ids::RunId;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

/// How long a journal stays after its run: an acknowledgement that nats-server lost with its process has the job handed
/// out again, and the journal then says that there is nothing left to do.
const STAYS: Duration = Duration::from_secs(60);

/// How many journals may wait. Of what is more, the stream's own limit of age takes care.
const WAITING: usize = 65_536;

/// How long the rest may take when the runner stops.
const REST: Duration = Duration::from_millis(800);

/// Takes the runs that have ended.
#[derive(Clone)]
pub(crate) struct Sweeper {
    ended: Sender<(Instant, RunId)>,
}

/// The runs whose journals wait to be cleared away.
pub(crate) struct Waiting(Receiver<(Instant, RunId)>);

impl Sweeper {
    /// A sweeper, and what [`sweep`] needs.
    pub(crate) fn new() -> (Self, Waiting) {
        let (ended, waiting) = mpsc::channel(WAITING);
        (Self { ended }, Waiting(waiting))
    }

    /// The run has ended, and its job is acknowledged.
    pub(crate) fn ended(&self, run_id: RunId) {
        if self
            .ended
            .try_send((Instant::now() + STAYS, run_id))
            .is_err()
        {
            metrics::counter!("earshot_runner_journals_left_total").increment(1);
        }
    }
}

/// Clears journals away, each in its time, until `stop`; then those that are left.
pub(crate) async fn sweep(bus: Bus, mut waiting: Waiting, stop: CancellationToken) {
    while let Some((at, run_id)) = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        ended = waiting.0.recv() => ended,
    } {
        tokio::select! {
            () = sleep_until(at) => {}
            () = stop.cancelled() => {}
        }
        clear(&bus, run_id).await;
    }
    let rest = async {
        while let Ok((_, run_id)) = waiting.0.try_recv() {
            clear(&bus, run_id).await;
        }
    };
    if timeout(REST, rest).await.is_err() {
        tracing::info!(
            "some journals of runs that have ended are left to the stream's limit of age"
        );
    }
}

async fn clear(bus: &Bus, run_id: RunId) {
    if let Err(error) = journal::clear(bus, run_id).await {
        metrics::counter!("earshot_runner_journals_left_total").increment(1);
        tracing::debug!(%error, %run_id, "a journal could not be cleared away");
    }
}
