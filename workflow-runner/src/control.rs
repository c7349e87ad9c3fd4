//! What gateways tell this runner about the runs that it holds.

use std::sync::Arc;

use bus::serve::{Handler, Incoming, Permit, Work};
use futures_util::FutureExt;
use shared::frame::{self, Kind};
use shared::v1::control::{Control, Here};

use crate::service::Shared;

/// Answers probes, stops runs, gives credit.
pub(crate) struct ControlIntake {
    /// The runner.
    pub runner: Arc<Shared>,
}

impl Handler for ControlIntake {
    fn handle(&mut self, message: Incoming, permit: Permit) -> Work {
        let runner = self.runner.clone();
        async move {
            let control = frame::decode(message.payload).and_then(|frame| frame.head::<Control>());
            match control {
                Ok(Control::Probe) => answer(&runner, message.reply, None).await,
                Ok(Control::Holds { run_id }) => {
                    let holds = runner.held.find(run_id).is_some();
                    answer(&runner, message.reply, Some(holds)).await;
                }
                Ok(Control::Cancel { run_id }) => {
                    if let Some(hold) = runner.held.find(run_id) {
                        hold.cancel.cancel();
                    }
                }
                Ok(Control::Credit { run_id, frames }) => {
                    if let Some(hold) = runner.held.find(run_id) {
                        hold.credit.add_permits(frames as usize);
                    }
                }
                Err(error) => tracing::warn!(%error, "a control message could not be read"),
            }
            drop(permit);
        }
        .boxed()
    }

    fn shed(&mut self, message: Incoming) -> Work {
        // Control messages are what keeps runs from being lost: none is ever shed.
        tracing::error!(
            subject = message.subject,
            "a control message found no permit"
        );
        async {}.boxed()
    }
}

async fn answer(runner: &Shared, reply: Option<String>, holds: Option<bool>) {
    let Some(reply) = reply else { return };
    let here = Here {
        runner: runner.bus.instance(),
        holds,
    };
    match frame::encode(Kind::Result, &here, &[]) {
        Ok(payload) => {
            if let Err(error) = runner.bus.publish(reply, payload).await {
                tracing::warn!(%error, "a probe could not be answered");
            }
        }
        Err(error) => tracing::error!(%error, "a probe's answer could not be written"),
    }
}
