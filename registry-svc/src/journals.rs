//! Clearing away the journals and the letters that runners which died have left behind.

use std::time::Duration;

use bus::journal::JournalError;
use bus::letters::{LetterError, Letters};
use bus::{Bus, journal};
use ops::clock::now_ms;
use shared::limits::ENDED_KEPT_SECONDS;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How often that is done.
const EVERY: Duration = Duration::from_secs(ENDED_KEPT_SECONDS);

/// How long it may take to read which runs have ended.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long one question may take.
const TRY: Duration = Duration::from_secs(5);

/// Clears away at once, and then again and again, until `stop`.
pub(crate) async fn run(bus: Bus, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = async {
                sweep(&bus, ENDED_KEPT_SECONDS).await;
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
async fn sweep(bus: &Bus, kept: u64) {
    let kept = i64::try_from(kept).unwrap_or(i64::MAX);
    let ended = match journal::ended(bus, now_ms() / 1_000 - kept, PATIENCE).await {
        Ok(ended) => ended,
        Err(error) => return tracing::warn!(%error, "journals are not cleared away"),
    };
    let count = ended.len();
    for run_id in ended {
        if let Err(error) = journal::clear(bus, run_id).await {
            return tracing::warn!(%error, "journals are not cleared away");
        }
    }
    if count > 0 {
        tracing::info!(count, "journals of runs that have ended were cleared away");
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use shared::ids::RunId;
    use shared::v1::letters::{Letter, LetterKey};
    use testkit::until;
    use uuid::Uuid;

    use super::*;
    use crate::testing::bus;

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
        journal::write(&bus, open, 0, entry.clone(), false, TRY)
            .await
            .unwrap();
        journal::write(&bus, ended, 0, entry, true, TRY)
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

    #[tokio::test]
    async fn only_the_journals_of_runs_that_have_ended_are_cleared_away() {
        let (_server, bus) = bus().await;
        sweep(&bus, 0).await;
        let (ended, open) = (RunId(Uuid::now_v7()), RunId(Uuid::now_v7()));
        let write = async |run, last, end| {
            let entry = Bytes::from_static(b"entry");
            journal::write(&bus, run, last, entry, end, TRY)
                .await
                .unwrap()
        };
        let last = write(ended, 0, false).await;
        write(ended, last, true).await;
        write(open, 0, false).await;
        let entries = async |run| journal::read(&bus, run, TRY).await.unwrap().len();
        sweep(&bus, 3_600).await;
        assert_eq!((entries(ended).await, entries(open).await), (2, 1));
        journal::shrink(&bus, ended).await.unwrap();
        assert_eq!(entries(ended).await, 1);
        // A clock that is a minute ahead.
        let found = journal::ended(&bus, now_ms() / 1_000 + 60, TRY)
            .await
            .unwrap();
        assert_eq!(found, [ended]);
        for run in found {
            journal::clear(&bus, run).await.unwrap();
        }
        assert_eq!((entries(ended).await, entries(open).await), (0, 1));
    }
}
