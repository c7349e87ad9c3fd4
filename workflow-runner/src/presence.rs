//! Tells the gateways that this runner is there, and how much it has to do.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use shared::frame;
use shared::limits;
use shared::subjects;
use shared::v1::presence::RunnerPresence;
use tokio::time::{MissedTickBehavior, interval};

use crate::service::Shared;

/// Publishes presence until the runner has stopped.
pub(crate) async fn publish(runner: Arc<Shared>, in_flight: impl Fn() -> usize) {
    let mut ticks = interval(Duration::from_millis(limits::PRESENCE_EVERY));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut variables = runner.variables.revisions();
    loop {
        tokio::select! {
            () = runner.abandoning.cancelled() => return,
            () = runner.presence_now.notified() => {}
            Ok(()) = variables.changed() => {}
            _ = ticks.tick() => {}
        }
        let presence = RunnerPresence {
            runner: runner.bus.instance(),
            build: env!("CARGO_PKG_VERSION").to_owned(),
            lane: subjects::DEFAULT_LANE.to_owned(),
            capacity: u32::try_from(runner.config.capacity).unwrap_or(u32::MAX),
            in_flight: u32::try_from(in_flight()).unwrap_or(u32::MAX),
            draining: runner.draining.load(Ordering::Relaxed),
            variables_revision: *variables.borrow_and_update(),
        };
        let Ok(payload) = frame::pack(&presence) else {
            continue;
        };
        if let Err(error) = runner
            .bus
            .publish(subjects::RUNNER_PRESENCE.to_owned(), payload)
            .await
        {
            tracing::debug!(%error, "presence could not be told");
        }
    }
}
