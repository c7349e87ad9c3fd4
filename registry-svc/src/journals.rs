//! Clearing away the journals and the letters that runners which died have left behind, and closing the records of their
//! runs.

use std::time::Duration;

use bus::journal::{Ended, JournalError};
use bus::letters::{LetterError, Letters};
use bus::{Bus, journal};
use ops::clock::now_ms;
use shared::limits::ENDED_KEPT_SECONDS;
use shared::v1::reply::Outcome;
use shared::v1::run_log::RunState;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::run_log::{Closing, close};
use crate::store::{NOT_TOLD, Store};

/// How often that is done.
const EVERY: Duration = Duration::from_secs(ENDED_KEPT_SECONDS);

/// How long it may take to read which runs have ended.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long one question may take.
const TRY: Duration = Duration::from_secs(5);

/// Clears away at once, and then again and again, until `stop`.
pub(crate) async fn run<S: Store>(bus: Bus, store: S, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = async {
                sweep(&bus, &store, ENDED_KEPT_SECONDS).await;
                sweep_letters(&bus, ENDED_KEPT_SECONDS).await;
            } => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(EVERY) => {}
        }
    }
}

/// Clears away the journals of runs that ended longer ago than that, in seconds.
async fn sweep<S: Store>(bus: &Bus, store: &S, kept: u64) {
    let kept = i64::try_from(kept).unwrap_or(i64::MAX);
    sweep_before(bus, store, now_ms() / 1_000 - kept).await;
}

/// Clears away the journals of runs that ended before that, in seconds since the Unix epoch.
async fn sweep_before<S: Store>(bus: &Bus, store: &S, before_s: i64) {
    let ended = match journal::ended(bus, before_s, PATIENCE).await {
        Ok(ended) => ended,
        Err(error) => return tracing::warn!(%error, "journals are not cleared away"),
    };
    let count = ended.len();
    let mut closed = 0;
    for run in ended {
        // The journal is all that is known of the end, so it stays until the database has that.
        if let Some(closing) = closing(run) {
            match close(store, run.run_id, &closing).await {
                Ok(done) => closed += u64::from(done),
                Err(error) => return tracing::warn!(%error, "journals are not cleared away"),
            }
        }
        if let Err(error) = journal::clear(bus, run.run_id).await {
            return tracing::warn!(%error, "journals are not cleared away");
        }
    }
    if count > 0 {
        tracing::info!(
            count,
            closed,
            "journals of runs that have ended were cleared away, and records closed"
        );
    }
}

/// Clears away letters whose runs have no journal, or one that says that they have ended, so long after the last of them
/// came, in seconds. Letters that stop runs are left alone: a run that waits in the queue has no journal yet.
async fn sweep_letters(bus: &Bus, kept: u64) {
    let kept = i64::try_from(kept).unwrap_or(i64::MAX);
    let before_s = now_ms() / 1_000 - kept;
    let letters = Letters::new(bus.clone(), TRY);
    let cleared = async {
        for (run, at_s) in letters.runs().await? {
            let may_go = at_s < before_s && !journal::goes_on(bus, run, TRY).await?;
            if may_go {
                letters.clear(run).await?;
            }
        }
        Ok::<_, SweepError>(())
    };
    match timeout(PATIENCE, cleared).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "letters are not cleared away"),
        Err(_) => tracing::warn!("clearing letters away takes long; the rest is left for later"),
    }
}

#[derive(Debug, thiserror::Error)]
enum SweepError {
    #[error(transparent)]
    Letters(#[from] LetterError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// What is known of a run's end; none where an earlier release wrote that, which did not say how it ended.
fn closing(run: Ended) -> Option<Closing> {
    let state = match run.outcome? {
        Outcome::Succeeded => RunState::Succeeded,
        Outcome::Cancelled => RunState::Cancelled,
        Outcome::Failed => RunState::Failed,
    };
    Some(Closing {
        state,
        at_ms: run.at_ms,
        why: NOT_TOLD,
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use shared::frame;
    use shared::ids::RunId;
    use shared::v1::letters::{Letter, LetterKey};
    use shared::v1::run::RunMode;
    use shared::v1::run_log::RunRecord;
    use testkit::until;
    use uuid::Uuid;

    use super::*;
    use crate::run_log::stored;
    use crate::store::RunLog;
    use crate::testing::{bus, running, store};

    #[tokio::test]
    async fn letters_go_with_the_journal_of_their_run_and_those_that_stop_runs_stay() {
        let (_server, bus) = bus().await;
        let letters = Letters::new(bus.clone(), TRY);
        let runs = [(); 3].map(|()| RunId(Uuid::now_v7()));
        let [ended, open, none] = runs;
        let (place, cancel) = (bus::letters::key("place"), LetterKey::cancel());
        for run in runs {
            assert!(
                letters
                    .put(run, &place, &Letter::Closed, &[])
                    .await
                    .unwrap()
            );
            assert!(
                !letters
                    .put(run, &place, &Letter::Closed, &[])
                    .await
                    .unwrap()
            );
        }
        letters
            .put(none, &cancel, &Letter::Cancel, &[])
            .await
            .unwrap();
        let entry = Bytes::from_static(b"entry");
        journal::write(&bus, open, 0, entry.clone(), None, TRY)
            .await
            .unwrap();
        journal::write(&bus, ended, 0, entry, Some(Outcome::Succeeded), TRY)
            .await
            .unwrap();
        let there = async || {
            let mut there = Vec::new();
            for run in runs {
                there.push(letters.get(run, &place).await.unwrap().is_some());
            }
            there
        };
        sweep_letters(&bus, 3_600).await;
        assert_eq!(there().await, [true, true, true]);
        letters
            .put(none, &cancel, &Letter::Cancel, &[])
            .await
            .unwrap();
        // A clock that is a minute ahead.
        sweep_letters(&bus, 0).await;
        let found = until(TRY, "the letters to go", async || {
            sweep_letters(&bus, 0).await;
            let there = there().await;
            (there == [false, true, false]).then_some(there)
        });
        found.await;
    }

    async fn write(bus: &Bus, run: RunId, last: u64, end: Option<Outcome>) -> u64 {
        let entry = Bytes::from_static(b"entry");
        let written = journal::write(bus, run, last, entry, end, TRY);
        written.await.unwrap()
    }

    /// A moment by a clock that is a minute ahead, in seconds.
    fn ahead() -> i64 {
        now_ms() / 1_000 + 60
    }

    #[tokio::test]
    async fn only_the_journals_of_runs_that_have_ended_are_cleared_away() {
        let (_server, bus) = bus().await;
        let (_folder, store) = store().await;
        sweep(&bus, &store, 0).await;
        let (ended, open) = (RunId(Uuid::now_v7()), RunId(Uuid::now_v7()));
        let last = write(&bus, ended, 0, None).await;
        write(&bus, ended, last, Some(Outcome::Cancelled)).await;
        write(&bus, open, 0, None).await;
        let entries = async |run| journal::read(&bus, run, TRY).await.unwrap().len();
        sweep(&bus, &store, 3_600).await;
        assert_eq!((entries(ended).await, entries(open).await), (2, 1));
        journal::shrink(&bus, ended).await.unwrap();
        assert_eq!(entries(ended).await, 1);
        let found = journal::ended(&bus, ahead(), TRY).await.unwrap();
        let found = Vec::from_iter(found.iter().map(|run| (run.run_id, run.outcome)));
        assert_eq!(found, [(ended, Some(Outcome::Cancelled))]);
        sweep_before(&bus, &store, ahead()).await;
        assert_eq!((entries(ended).await, entries(open).await), (0, 1));
    }

    #[tokio::test]
    async fn the_record_of_a_run_whose_runner_died_before_it_told_of_the_end_is_closed() {
        let (_server, bus) = bus().await;
        let (_folder, store) = store().await;
        let began = now_ms() - 5_000;
        for (outcome, state) in [
            (Outcome::Succeeded, RunState::Succeeded),
            (Outcome::Failed, RunState::Failed),
            (Outcome::Cancelled, RunState::Cancelled),
        ] {
            let run = running(RunMode::Async, began);
            store.put_runs(&[stored(&run).unwrap()]).await.unwrap();
            write(&bus, run.run_id, 0, Some(outcome)).await;
            sweep_before(&bus, &store, ahead()).await;
            let (summary, record) = store.run(run.run_id).await.unwrap().unwrap();
            assert_eq!((summary.state, summary.attempt), (state, run.attempt));
            let record: RunRecord = frame::unpack(&Bytes::from(record)).unwrap();
            assert_eq!(record.ended_at_ms, summary.ended_at_ms);
            assert!(
                record.ended_at_ms.unwrap() > began,
                "the time of the entry counts"
            );
            assert_eq!(record.error.as_deref(), Some(NOT_TOLD));
        }
    }

    #[test]
    fn what_an_earlier_release_wrote_says_that_a_run_ended_and_not_how() {
        let ended = Ended {
            run_id: RunId(Uuid::nil()),
            outcome: None,
            at_ms: 1,
        };
        assert!(closing(ended).is_none());
    }

    #[tokio::test]
    async fn a_record_that_has_ended_is_left_as_it_is_and_a_journal_stays_while_the_database_is_away()
     {
        let (_server, bus) = bus().await;
        let (_folder, store) = store().await;
        let mut run = running(RunMode::Async, 1);
        run.state = RunState::Failed;
        run.ended_at_ms = Some(2);
        let run_id = run.run_id;
        store.put_runs(&[stored(&run).unwrap()]).await.unwrap();
        write(&bus, run_id, 0, Some(Outcome::Succeeded)).await;
        sweep_before(&bus, &store, ahead()).await;
        let (summary, _) = store.run(run_id).await.unwrap().unwrap();
        assert_eq!(
            (summary.state, summary.ended_at_ms),
            (RunState::Failed, Some(2))
        );
        let other = RunId(Uuid::now_v7());
        write(&bus, other, 0, Some(Outcome::Succeeded)).await;
        crate::store::Store::close(&store).await;
        sweep_before(&bus, &store, ahead()).await;
        let kept = journal::read(&bus, other, TRY).await.unwrap();
        assert_eq!(kept.len(), 1);
    }
}
