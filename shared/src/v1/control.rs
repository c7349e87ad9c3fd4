//! What a gateway tells one runner about a run that the runner holds; also what one gateway asks another.

use serde::{Deserialize, Serialize};

use crate::ids::{InstanceId, RunId};

/// A message on [`crate::subjects::control`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// "Are you there?" The runner answers with [`Here`] on the message's reply subject.
    Probe,
    /// "Do you still hold this run?" The runner answers with [`Here`] on the message's reply subject. A release that does
    /// not know the question gives no answer. A gateway is asked so about a request with an `Idempotency-Key`.
    Holds {
        /// The run.
        run_id: RunId,
    },
    /// The caller left: stop the run where its listener says so.
    Cancel {
        /// The run.
        run_id: RunId,
    },
    /// The caller's socket took frames: so much more may be sent.
    Credit {
        /// The run.
        run_id: RunId,
        /// How much; a frame uses up [`crate::limits::stream_cost`].
        frames: u32,
    },
}

/// A runner's answer to [`Control::Probe`] and [`Control::Holds`], and a gateway's to the latter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Here {
    /// The runner, or the gateway.
    pub runner: InstanceId,
    /// Whether it holds the run that it was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<bool>,
}
