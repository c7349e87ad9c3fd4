//! Getting a run to a runner and its frames back.

mod doubt;
mod flight;
mod holding;
mod intake;
mod launch;
mod pick;
mod probe;
mod runners;

use std::sync::Arc;

use bus::serve::{Intake, Permits, Serving};
use bus::{Bus, ConnectError};
use bytes::Bytes;
use shared::subjects::RUNNER_PRESENCE;
use shared::v1::run::RunRequest;
use tokio_util::sync::CancellationToken;

pub(crate) use flight::{Flight, News};
use intake::PresenceIntake;
pub(crate) use launch::cut;
use runners::Runners;

/// A run that is to be carried out for a caller who waits.
pub(crate) struct Job {
    /// The run; attempt, reply subject and credit are filled in for each sending.
    pub(crate) request: RunRequest,
    /// The caller's body.
    pub(crate) body: Bytes,
    /// Whether another runner may get the run when the first was lost with it.
    pub(crate) may_resend: bool,
    /// Whether the run stops when its caller leaves.
    pub(crate) cancel_on_leave: bool,
    /// How many frames may wait for the gateway to take them.
    pub(crate) frames_ahead: usize,
}

/// The runners that are there, and how runs get to them.
#[derive(Clone)]
pub(crate) struct Dispatch {
    bus: Bus,
    runners: Arc<Runners>,
}

impl Dispatch {
    /// Knows of no runner yet.
    pub(crate) fn new(bus: Bus) -> Self {
        Self {
            bus,
            runners: Arc::new(Runners::default()),
        }
    }

    /// Listens for runners. Returns once the subscription is in place.
    ///
    /// # Errors
    /// [`ConnectError`] when it cannot be made.
    pub(crate) async fn listen(&self) -> Result<Serving, ConnectError> {
        let intake = Intake {
            subject: RUNNER_PRESENCE.to_owned(),
            group: None,
            permits: Permits::new(1_024),
        };
        self.bus
            .serve(
                intake,
                PresenceIntake {
                    runners: self.runners.clone(),
                },
            )
            .await
    }

    /// Probes the runners that hold runs of ours, until `end`.
    pub(crate) async fn probe(self, end: CancellationToken) {
        probe::probe(self.bus, self.runners, end).await;
    }
}
