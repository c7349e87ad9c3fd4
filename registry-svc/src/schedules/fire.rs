//! Starting the run of a moment, once.

use std::time::Duration;

use bus::Bus;
use bus::new_run::{NewRun, NewRunError};
use jiff::Timestamp;
use ops::clock::now_ms;
use sha2::{Digest, Sha256};
use shared::ids::{RequestId, RunId, WorkflowId};
use shared::trace::TraceContext;
use shared::v1::run::{Trigger, TriggerSource};

use crate::store::{PublishedSchedule, Store, StoreError};
use crate::timetable;

/// How long storing one run may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A run that is stored later than this after its moment is late, in milliseconds.
const LATE_MS: i64 = 5_000;

/// From so long after a moment on, its run may have been stored so long ago that the queue has forgotten its id, in
/// milliseconds.
const FORGOTTEN_MS: i64 = 30_000;

/// Why a moment has to wait.
#[derive(Debug, thiserror::Error)]
pub(super) enum FireError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Run(#[from] NewRunError),
}

/// Starts the run for the last moment that has come, where there is one. When the schedule is due next; none where it is
/// not published any more, or has no further moment.
///
/// What the database says at this time decides, whatever was known of it before. The run is stored first and noted then,
/// so it never happens that there is none; that there are never two is seen to by its id, which the moment alone decides:
/// the queue takes it once, and so does the run's journal.
pub(super) async fn fire<S: Store>(
    store: &S,
    bus: &Bus,
    workflow: WorkflowId,
) -> Result<Option<i64>, FireError> {
    let Some(schedule) = store.schedule(workflow).await? else {
        return Ok(None);
    };
    let Some(timetable) = timetable::read(&schedule.timetable) else {
        return Ok(None);
    };
    let done_to = moment(schedule.done_to_ms);
    let now = moment(now_ms());
    let Some(due) = timetable.last(done_to, now) else {
        return Ok(timetable.next(done_to).map(Timestamp::as_millisecond));
    };
    let due_ms = due.as_millisecond();
    start(store, bus, &schedule, due_ms).await?;
    // Where another registry-svc has noted it, or the schedule was changed, the next turn finds that.
    store.fired(workflow, schedule.done_to_ms, due_ms).await?;
    Ok(timetable.next(due).map(Timestamp::as_millisecond))
}

async fn start<S: Store>(
    store: &S,
    bus: &Bus,
    schedule: &PublishedSchedule,
    due_ms: i64,
) -> Result<(), FireError> {
    let target = &schedule.target;
    let run_id = run_of(target.workflow_id, due_ms);
    let now = now_ms();
    let late = now.saturating_sub(due_ms);
    if late > FORGOTTEN_MS && store.run(run_id).await?.is_some() {
        return Ok(());
    }
    let (workflow_id, version) = (target.workflow_id, target.version);
    let new = NewRun {
        run_id,
        trace: TraceContext {
            trace_id: run_id.0.as_u128(),
            span_id: rand::random::<u64>().max(1),
            sampled: false,
        },
        request_id: RequestId(run_id.0),
        target: target.clone(),
        trigger: Some(Trigger {
            source: TriggerSource::Scheduled,
            scheduled_at_ms: Some(due_ms),
        }),
        received_at_ms: now,
        pushes: 0,
        caller: None,
    };
    bus.start_run(&new, schedule.data.as_bytes(), PATIENCE)
        .await?;
    metrics::counter!("earshot_registry_scheduled_runs_total").increment(1);
    if late > LATE_MS {
        metrics::counter!("earshot_registry_late_scheduled_runs_total").increment(1);
    }
    tracing::info!(%workflow_id, version, %run_id, late_ms = late, "a scheduled run was started");
    Ok(())
}

/// The run of a moment: the same, whoever starts it.
fn run_of(workflow: WorkflowId, due_ms: i64) -> RunId {
    let mut digest = Sha256::new();
    digest.update(b"schedule");
    digest.update(workflow.0.as_bytes());
    digest.update(due_ms.to_be_bytes());
    RunId::drawn(due_ms, digest.finalize().into())
}

pub(super) fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_moment_of_each_schedule_has_a_run_of_its_own_and_always_the_same() {
        let (one, other) = (
            WorkflowId(Uuid::from_u128(1)),
            WorkflowId(Uuid::from_u128(2)),
        );
        let run = run_of(one, 1_764_000_000_000);
        assert_eq!(run, run_of(one, 1_764_000_000_000));
        assert_ne!(run, run_of(one, 1_764_000_060_000));
        assert_ne!(run, run_of(other, 1_764_000_000_000));
        assert_eq!(run.0.get_version_num(), 7);
        let (seconds, _) = run.0.get_timestamp().unwrap().to_unix();
        assert_eq!(seconds, 1_764_000_000);
    }
}
