//! Starting the runs of schedules when their moments have come.
//!
//! Every instance does: what two of them start at once is started once, so there is no leader to be lost. A clock that is
//! put back starts nothing twice, since a schedule only ever goes on from the last moment that it was noted for.

mod board;
mod fire;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bus::Bus;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use ops::clock::now_ms;
use shared::ids::WorkflowId;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::store::{PublishedSchedule, Store, StoreError};
use crate::timetable;
use board::Board;

/// How many runs are started at the same time.
const AT_ONCE: usize = 16;

/// The pause before one is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// How often it is asked whether another registry-svc has published something.
const ASK: Duration = Duration::from_secs(15);

/// How many schedules are read at once.
const PAGE: u32 = 256;

/// Workflows that were published, unpublished or deleted by this registry-svc. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Changed {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    workflows: Mutex<HashSet<WorkflowId>>,
    some: Notify,
}

impl Changed {
    /// Tells of one.
    pub(crate) fn tell(&self, workflow: WorkflowId) {
        self.lock().insert(workflow);
        self.inner.some.notify_one();
    }

    async fn take(&self) -> HashSet<WorkflowId> {
        self.inner.some.notified().await;
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<WorkflowId>> {
        let workflows = self.inner.workflows.lock();
        workflows.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts runs until `stop`.
pub(crate) async fn run<S: Store>(store: S, bus: Bus, changed: Changed, stop: CancellationToken) {
    let mut board = Board::default();
    let mut known = None;
    let mut firing = FuturesUnordered::new();
    let mut ask = Instant::now();
    loop {
        let now = now_ms();
        while board.in_hand() < AT_ONCE
            && let Some(workflow) = board.pop(now)
        {
            firing.push(fired(&store, &bus, workflow));
        }
        metrics::gauge!("earshot_registry_schedules").set(board.len() as f64);
        tokio::select! {
            () = stop.cancelled() => return,
            workflows = changed.take() => {
                for workflow in workflows {
                    board.set(workflow, Some(now));
                }
            }
            () = sleep_until(ask) => {
                ask = Instant::now() + ASK;
                if let Err(error) = refresh(&store, &mut board, &mut known).await {
                    tracing::warn!(%error, "the schedules cannot be read at the moment");
                    ask = Instant::now() + PAUSE;
                }
            }
            Some((workflow, due_ms)) = firing.next() => board.put_back(workflow, due_ms, now_ms()),
            () = sleep(board.rest(now)), if board.in_hand() < AT_ONCE => {}
        }
    }
}

/// Starts what a schedule has come to; when it is due next, or to be tried again.
async fn fired<S: Store>(store: &S, bus: &Bus, workflow: WorkflowId) -> (WorkflowId, Option<i64>) {
    match fire::fire(store, bus, workflow).await {
        Ok(due_ms) => (workflow, due_ms),
        Err(error) => {
            tracing::warn!(%error, %workflow, "a scheduled run cannot be started yet");
            sleep(PAUSE).await;
            (workflow, Some(now_ms()))
        }
    }
}

/// Reads all schedules, where something was published since the last time.
async fn refresh<S: Store>(
    store: &S,
    board: &mut Board,
    known: &mut Option<u64>,
) -> Result<(), StoreError> {
    let changes = store.changes().await?;
    if *known == Some(changes) {
        return Ok(());
    }
    let mut after = None;
    loop {
        let page = store.schedules(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.target.workflow_id);
        for schedule in &page {
            board.set(schedule.target.workflow_id, next(schedule));
        }
    }
    *known = Some(changes);
    Ok(())
}

fn next(schedule: &PublishedSchedule) -> Option<i64> {
    let timetable = timetable::read(&schedule.timetable)?;
    let next = timetable.next(fire::moment(schedule.done_to_ms));
    next.map(Timestamp::as_millisecond)
}
