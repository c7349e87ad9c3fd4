//! Clearing away the journals and the letters of runs that have ended.
//!
//! All but the end goes at once. The end stays for a while: whoever gets the job again, since its acknowledgement was lost
//! with the process of nats-server, or wakes after a long time and would begin the run, finds that it has ended. What a
//! runner leaves behind that dies is cleared away by registry-svc.

use std::collections::VecDeque;
use std::time::Duration;

use bus::letters::Letters;
use bus::{Bus, journal};
use shared::ids::RunId;
use shared::limits::ENDED_KEPT_SECONDS;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

/// How many journals may wait for what comes next.
const WAITING: usize = 65_536;

/// How long the rest may take when the runner stops.
const REST: Duration = Duration::from_millis(800);

/// Takes the runs that have ended.
#[derive(Clone)]
pub(crate) struct Sweeper {
    ended: Sender<(RunId, bool)>,
}

/// The runs whose journals wait to be cleared away.
pub(crate) struct Waiting(Receiver<(RunId, bool)>);

impl Sweeper {
    /// A sweeper, and what [`sweep`] needs.
    pub(crate) fn new() -> (Self, Waiting) {
        let (ended, waiting) = mpsc::channel(WAITING);
        (Self { ended }, Waiting(waiting))
    }

    /// The run has ended, and its job is acknowledged. Whether it may have letters.
    pub(crate) fn ended(&self, run_id: RunId, has_letters: bool) {
        if self.ended.try_send((run_id, has_letters)).is_err() {
            metrics::counter!("earshot_runner_journals_left_total").increment(1);
        }
    }
}

/// Clears journals away, each in its time, until `stop`; then all but the ends of those that are left.
pub(crate) async fn sweep(
    bus: Bus,
    letters: Letters,
    mut waiting: Waiting,
    stop: CancellationToken,
) {
    let stays = Duration::from_secs(ENDED_KEPT_SECONDS);
    let mut ends: VecDeque<(Instant, RunId, bool)> = VecDeque::new();
    loop {
        let next = ends.front().map(|(at, ..)| *at);
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            ended = waiting.0.recv() => {
                let Some((run_id, has_letters)) = ended else { break };
                note(&journal::shrink(&bus, run_id).await, run_id);
                if ends.len() < WAITING {
                    ends.push_back((Instant::now() + stays, run_id, has_letters));
                }
            }
            () = until(next) => {
                if let Some((_, run_id, has_letters)) = ends.pop_front() {
                    note(&journal::clear(&bus, run_id).await, run_id);
                    if has_letters && let Err(error) = letters.clear(run_id).await {
                        tracing::debug!(%error, %run_id, "letters are left to registry-svc");
                    }
                }
            }
        }
    }
    let rest = async {
        while let Ok((run_id, _)) = waiting.0.try_recv() {
            note(&journal::shrink(&bus, run_id).await, run_id);
        }
    };
    if timeout(REST, rest).await.is_err() {
        tracing::info!("some journals of runs that have ended are left to registry-svc");
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn note(done: &Result<(), journal::JournalError>, run_id: RunId) {
    if let Err(error) = done {
        metrics::counter!("earshot_runner_journals_left_total").increment(1);
        tracing::debug!(%error, %run_id, "a journal is left to registry-svc");
    }
}
