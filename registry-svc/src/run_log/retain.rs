//! Dropping what is older than the operator wants to keep, and closing what nobody tells of any more.

use std::time::Duration;

use ops::clock::now_ms;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::close::close_lost;
use crate::store::Store;

const EVERY: Duration = Duration::from_secs(60 * 60);

/// A day, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Keeps so many whole days (UTC) beside the present one, at once and then every hour, until `stop`.
pub(crate) async fn retain<S: Store>(store: S, days: u32, stop: CancellationToken) {
    let mut every = interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = every.tick() => {}
        }
        let before = now_ms().div_euclid(DAY) - i64::from(days);
        let dropped = tokio::select! {
            () = stop.cancelled() => return,
            dropped = store.drop_runs(before) => dropped,
        };
        match dropped {
            Ok(0) => {}
            Ok(runs) => tracing::info!(runs, "old runs were dropped from the run log"),
            Err(error) => tracing::warn!(%error, "old runs could not be dropped yet"),
        }
        let closed = tokio::select! {
            () = stop.cancelled() => return,
            closed = close_lost(&store, now_ms()) => closed,
        };
        match closed {
            Ok(0) => {}
            Ok(runs) => tracing::warn!(
                runs,
                "runs were closed of which nothing was heard for a day"
            ),
            Err(error) => tracing::warn!(%error, "runs that are lost could not be closed yet"),
        }
    }
}
