//! Asking one runner or gateway something about itself.

use std::time::Duration;

use shared::frame::{self, Kind};
use shared::ids::InstanceId;
use shared::limits::PROBE_TIMEOUT;
use shared::subjects;
use shared::v1::control::{Control, Here};
use tokio::time::timeout;

use crate::connect::Bus;
use crate::inbox::Delivery;

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The instance is there. Whether it holds the run that it was asked about; none where it does not say.
    Here(Option<bool>),
    /// Nobody listens where the instance did.
    Nobody,
    /// Nothing came in time.
    Silence,
    /// The question could not be sent, or the connection to NATS was lost: that says nothing about the instance.
    Unknown,
}

impl Bus {
    /// Asks a runner, or a gateway.
    pub async fn ask_instance(&self, instance: InstanceId, question: &Control) -> Answer {
        let Ok(payload) = frame::encode(Kind::Request, question, &[]) else {
            return Answer::Unknown;
        };
        let mut slot = self.inbox().slot(1);
        let (subject, reply) = (subjects::control(instance), slot.subject().to_owned());
        if self.publish_for(subject, reply, payload).await.is_err() {
            return Answer::Unknown;
        }
        match timeout(Duration::from_millis(PROBE_TIMEOUT), slot.next()).await {
            Ok(Some(Delivery::Message(payload))) => {
                let here = frame::decode(payload).and_then(|frame| frame.head::<Here>());
                Answer::Here(here.ok().and_then(|here| here.holds))
            }
            Ok(Some(Delivery::NoResponder)) => Answer::Nobody,
            Ok(Some(Delivery::Disconnected)) => Answer::Unknown,
            Ok(None) | Err(_) => Answer::Silence,
        }
    }
}
