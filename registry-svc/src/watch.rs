//! Keeping an eye on what the service needs.

use std::time::Duration;

use bus::Bus;
use bus::topology::{self, Storage};
use ops::{Health, State};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::store::Store;
use crate::views::Live;

const EVERY: Duration = Duration::from_millis(500);

/// How long the database may take to answer before it counts as away.
const PATIENCE: Duration = Duration::from_secs(2);

/// Keeps the health check `database` up to date until `stop`. (The check `nats` is the bus's own.)
///
/// When NATS comes back, it may have lost what it held: the streams and buckets are created again where they are
/// missing, and the buckets compared with the database.
pub(crate) async fn watch<S: Store>(
    bus: Bus,
    storage: Storage,
    store: S,
    live: Live<S>,
    health: Health,
    stop: CancellationToken,
) {
    let mut every = interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut connections = bus.connections();
    connections.mark_unchanged();
    let mut in_doubt = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            Ok(()) = connections.changed() => in_doubt = true,
            _ = every.tick() => {}
        }
        if in_doubt && bus.connected().is_ok() {
            in_doubt = !restored(&bus, storage).await;
            live.suspect();
        }
        let database = match timeout(PATIENCE, store.ping()).await {
            Ok(Ok(())) => State::Ready,
            Ok(Err(_)) | Err(_) => State::waiting("for the database"),
        };
        health.set("database", database);
    }
}

/// Whether every stream and bucket is there now. JetStream may need a moment longer than NATS to come back.
async fn restored(bus: &Bus, storage: Storage) -> bool {
    match topology::create(bus, storage).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "the streams and buckets are not back yet");
            false
        }
    }
}
