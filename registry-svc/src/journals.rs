//! Clearing away the journals that runners which died have left behind.

use std::time::Duration;

use bus::{Bus, journal};
use ops::clock::now_ms;
use shared::limits::ENDED_KEPT_SECONDS;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How often that is done.
const EVERY: Duration = Duration::from_secs(ENDED_KEPT_SECONDS);

/// How long it may take to read which runs have ended.
const PATIENCE: Duration = Duration::from_secs(120);

/// Clears away at once, and then again and again, until `stop`.
pub(crate) async fn run(bus: Bus, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = sweep(&bus, ENDED_KEPT_SECONDS) => {}
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use shared::ids::RunId;
    use uuid::Uuid;

    use super::*;
    use crate::testing::bus;

    const TRY: Duration = Duration::from_secs(5);

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
