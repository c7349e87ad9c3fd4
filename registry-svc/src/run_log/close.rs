//! Closing the records of runs whose runner died before it told of their end.

use bytes::Bytes;
use shared::frame;
use shared::ids::RunId;
use shared::v1::run::RunMode;
use shared::v1::run_log::{LogLine, RunRecord, RunState};

use super::summary::stored;
use crate::store::{NOT_HEARD_OF, RunFilter, Store, StoreError};

/// A run whose caller waits, and of which so long after its start no end was told, is lost: in milliseconds.
pub(super) const LOST_AFTER: i64 = 24 * 60 * 60 * 1000;

/// How many runs are looked at in one go.
const AT_ONCE: u32 = 500;

/// How a run ended, as far as that is known without its runner.
pub(crate) struct Closing {
    pub(crate) state: RunState,
    pub(crate) at_ms: i64,
    pub(crate) why: &'static str,
}

/// Closes the record of a run that has not ended, where there is one. Whether there was.
pub(crate) async fn close<S: Store>(
    store: &S,
    run_id: RunId,
    closing: &Closing,
) -> Result<bool, StoreError> {
    let Some((summary, packed)) = store.run(run_id).await? else {
        return Ok(false);
    };
    if summary.ended_at_ms.is_some() {
        return Ok(false);
    }
    let closed = frame::unpack(&Bytes::from(packed)).and_then(|mut record: RunRecord| {
        end(&mut record, closing);
        stored(&record)
    });
    match closed {
        Ok(closed) => Ok(!store.put_runs(&[closed]).await?.is_empty()),
        Err(error) => {
            tracing::error!(%error, %run_id, "the record of a run that has ended cannot be closed");
            Ok(false)
        }
    }
}

fn end(record: &mut RunRecord, closing: &Closing) {
    let at_ms = closing.at_ms.max(record.started_at_ms);
    record.state = closing.state;
    record.ended_at_ms = Some(at_ms);
    record.error = Some(closing.why.to_owned());
    record.lines.push(LogLine {
        at_ms,
        step: None,
        level: "warn".to_owned(),
        text: closing.why.to_owned(),
    });
}

/// Closes the runs whose callers waited, and which have been running for longer than any of them can. How many.
pub(super) async fn close_lost<S: Store>(store: &S, now_ms: i64) -> Result<u64, StoreError> {
    let closing = Closing {
        state: RunState::Failed,
        at_ms: now_ms,
        why: NOT_HEARD_OF,
    };
    let mut filter = RunFilter {
        state: Some(RunState::Running),
        to_ms: Some(now_ms - LOST_AFTER),
        limit: AT_ONCE,
        ..RunFilter::default()
    };
    let mut closed = 0;
    loop {
        let runs = store.runs(&filter).await?;
        for run in runs.iter().filter(|run| run.mode == RunMode::Sync) {
            closed += u64::from(close(store, run.run_id, &closing).await?);
        }
        match runs.last() {
            Some(last) if runs.len() >= AT_ONCE as usize => {
                filter.after = Some((last.started_at_ms, last.run_id));
            }
            _ => return Ok(closed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RunLog;
    use crate::testing::{running, store};

    const NOW: i64 = 20_000 * LOST_AFTER;

    #[tokio::test]
    async fn a_run_whose_caller_waited_is_closed_after_a_day_and_others_are_left_alone() {
        let (_folder, store) = store().await;
        let lost = running(RunMode::Sync, NOW - LOST_AFTER - 1);
        let young = running(RunMode::Sync, NOW - LOST_AFTER);
        // It may wait for longer than that.
        let parked = running(RunMode::Async, NOW - 9 * LOST_AFTER);
        let runs = [&lost, &young, &parked].map(|record| stored(record).unwrap());
        store.put_runs(&runs).await.unwrap();
        assert_eq!(close_lost(&store, NOW).await.unwrap(), 1);
        assert_eq!(close_lost(&store, NOW).await.unwrap(), 0);
        for open in [young, parked] {
            let (summary, _) = store.run(open.run_id).await.unwrap().unwrap();
            assert_eq!(summary.state, RunState::Running);
        }
        let (summary, record) = store.run(lost.run_id).await.unwrap().unwrap();
        assert_eq!(summary.state, RunState::Failed);
        assert_eq!(summary.ended_at_ms, Some(NOW));
        let record: RunRecord = frame::unpack(&Bytes::from(record)).unwrap();
        assert_eq!(record.state, RunState::Failed);
        assert_eq!(record.error.as_deref(), Some(NOT_HEARD_OF));
        assert_eq!(record.lines.len(), 1);
    }

    #[tokio::test]
    async fn lost_runs_are_found_behind_many_that_may_go_on() {
        let (_folder, store) = store().await;
        let parked = (0..600).map(|n| running(RunMode::Async, NOW - 2 * LOST_AFTER + n));
        let lost = running(RunMode::Sync, NOW - 3 * LOST_AFTER);
        let runs = parked.chain([lost]).map(|record| stored(&record).unwrap());
        store.put_runs(&Vec::from_iter(runs)).await.unwrap();
        assert_eq!(close_lost(&store, NOW).await.unwrap(), 1);
    }
}
