//! Taking in what runners say about themselves.

use std::sync::Arc;
use std::time::Instant;

use bus::serve::{Handler, Incoming, Permit, Work};
use shared::frame;
use shared::subjects::DEFAULT_LANE;
use shared::v1::presence::RunnerPresence;

use super::runners::Runners;

/// Hands presence to the table of runners.
pub(super) struct PresenceIntake {
    pub(super) runners: Arc<Runners>,
}

impl Handler for PresenceIntake {
    fn handle(&mut self, message: Incoming, permit: Permit) -> Work {
        match frame::unpack::<RunnerPresence>(&message.payload) {
            Ok(presence) if presence.lane == DEFAULT_LANE => {
                self.runners.heard(&presence, Instant::now());
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "a runner's presence cannot be read"),
        }
        drop(permit);
        Box::pin(async {})
    }

    fn shed(&mut self, _message: Incoming) -> Work {
        Box::pin(async {})
    }
}
