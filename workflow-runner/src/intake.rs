//! Runs whose callers wait, as they come from gateways.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bus::serve::{Handler, Incoming, Permit, Work};
use bytes::Bytes;
use futures_util::FutureExt;
use shared::codes::Code;
use shared::frame::{self, FrameError, Kind};
use shared::v1::reply::Failure;
use shared::v1::run::RunRequest;

use crate::run;
use crate::service::Shared;

/// Takes runs in up to the runner's capacity, and tells the gateway at once where it is full.
pub(crate) struct RunIntake {
    /// The runner.
    pub runner: Arc<Shared>,
}

impl Handler for RunIntake {
    fn handle(&mut self, message: Incoming, permit: Permit) -> Work {
        let runner = self.runner.clone();
        async move {
            match read(message.payload) {
                Ok((mut request, body)) => {
                    request.reply_to.clone_from(&message.reply);
                    let running = run::run(runner.clone(), request, body);
                    if AssertUnwindSafe(running).catch_unwind().await.is_err() {
                        metrics::counter!("earshot_runner_panics_total").increment(1);
                        tracing::error!("a run panicked");
                        let failure = Failure::new(Code::Internal, "the run broke off");
                        refuse(&runner, message.reply, failure).await;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "a run could not be read");
                    let failure = Failure::new(Code::Internal, "the run could not be read");
                    refuse(&runner, message.reply, failure).await;
                }
            }
            drop(permit);
        }
        .boxed()
    }

    fn shed(&mut self, message: Incoming) -> Work {
        let runner = self.runner.clone();
        let failure = Failure::new(Code::Overloaded, "the runner is at its capacity");
        async move { refuse(&runner, message.reply, failure).await }.boxed()
    }
}

/// Reads a run off the wire or out of the queue.
///
/// # Errors
/// [`FrameError`] when it is none that this release reads.
pub(crate) fn read(payload: Bytes) -> Result<(RunRequest, Bytes), FrameError> {
    let frame = frame::decode(payload)?;
    Ok((frame.head()?, frame.body))
}

async fn refuse(runner: &Shared, reply: Option<String>, mut failure: Failure) {
    let Some(reply) = reply else { return };
    failure.by = Some(runner.bus.instance());
    match frame::encode(Kind::Failure, &failure, &[]) {
        Ok(payload) => {
            if let Err(error) = runner.bus.publish(reply, payload).await {
                tracing::warn!(%error, "a refusal could not be sent");
            }
        }
        Err(error) => tracing::error!(%error, "a refusal could not be written"),
    }
}
