//! Telling registry-svc up to which revisions this gateway serves.

use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use shared::frame;
use shared::limits::PRESENCE_EVERY;
use shared::subjects::GATEWAY_PRESENCE;
use shared::v1::presence::GatewayPresence;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::platform::Platform;

/// Says so every now and then, and at once after each change and when a drain begins; until the gateway ends.
pub(crate) async fn announce(platform: Arc<Platform>, mut revisions: watch::Receiver<u64>) {
    let mut ticks = interval(Duration::from_millis(PRESENCE_EVERY));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut variables = platform.variables.revisions();
    let mut known_draining = false;
    loop {
        let presence = GatewayPresence {
            gateway: platform.bus.instance(),
            build: env!("CARGO_PKG_VERSION").to_owned(),
            routes_revision: *revisions.borrow_and_update(),
            draining: platform.draining.is_cancelled(),
            variables_revision: *variables.borrow_and_update(),
        };
        let draining = presence.draining;
        say(&platform.bus, &presence).await;
        known_draining |= draining;
        tokio::select! {
            _ = ticks.tick() => {}
            changed = revisions.changed() => if changed.is_err() { return },
            changed = variables.changed() => if changed.is_err() { return },
            () = cancelled(&platform.draining, known_draining) => {}
            () = platform.tasks.token.cancelled() => return,
        }
    }
}

async fn cancelled(token: &CancellationToken, known: bool) {
    if known {
        std::future::pending::<()>().await;
    } else {
        token.cancelled().await;
    }
}

async fn say(bus: &Bus, presence: &GatewayPresence) {
    match frame::pack(presence) {
        Ok(payload) => {
            if let Err(error) = bus.publish(GATEWAY_PRESENCE.to_owned(), payload).await {
                tracing::debug!(%error, "presence could not be told");
            }
        }
        Err(error) => tracing::error!(%error, "presence could not be written"),
    }
}
