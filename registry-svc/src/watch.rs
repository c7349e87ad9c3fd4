//! Keeping an eye on what the service needs.

use std::time::Duration;

use bus::Bus;
use ops::{Health, State};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::store::Store;
use crate::views::Live;

const EVERY: Duration = Duration::from_millis(500);

/// How long the database may take to answer before it counts as away.
const PATIENCE: Duration = Duration::from_secs(2);

/// Keeps the health check `database` up to date until `stop`. When NATS comes back, has the buckets compared with the
/// database, since they may have lost what they held. (The check `nats` is the bus's own.)
pub(crate) async fn watch<S: Store>(
    bus: Bus,
    store: S,
    live: Live<S>,
    health: Health,
    stop: CancellationToken,
) {
    let mut every = interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut connections = bus.connections();
    connections.mark_unchanged();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            Ok(()) = connections.changed() => live.suspect(),
            _ = every.tick() => {}
        }
        let database = match timeout(PATIENCE, store.ping()).await {
            Ok(Ok(())) => State::Ready,
            Ok(Err(_)) | Err(_) => State::waiting("for the database"),
        };
        health.set("database", database);
    }
}
