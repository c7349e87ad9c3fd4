//! What is kept of a request that came with an `Idempotency-Key`.
//!
//! One entry stands for each key of an endpoint, under [`crate::subjects::idempotency_key`]. It is written before the run
//! begins and changed only by whoever has seen its newest form, so however many gateways get the same request, one of them
//! runs it.

use serde::{Deserialize, Serialize};

use crate::ids::{InstanceId, RunId};
use crate::v1::run::RunMode;

/// The head of an entry. The frame's body is the body of the reply that is kept, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyedRequest {
    /// The SHA-256 of what makes the request this one and no other: its method, query, content type and body.
    #[serde(with = "serde_bytes")]
    pub fingerprint: [u8; 32],
    /// Its run.
    pub run_id: RunId,
    /// Whether its caller waits for the run or the run is stored.
    pub mode: RunMode,
    /// The gateway that sees to it.
    pub gateway: InstanceId,
    /// How far it has come.
    pub state: KeyedState,
}

/// How far a request with a key has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyedState {
    /// Its gateway is at it. Whether the run has begun only that gateway knows.
    Running,
    /// Its asynchronous run is stored, and its reply, once there, is in [`crate::subjects::REPLIES_BUCKET`].
    Accepted,
    /// Its asynchronous run is stored, and its reply is the stream whose frames are on [`crate::subjects::frames`].
    Stream,
    /// It was answered.
    Answered {
        /// The status.
        status: u16,
        /// Header names (lower case) and values, in order.
        headers: Vec<(String, String)>,
        /// The body's length in bytes where it was too large to be kept; the frame's body is empty then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_out: Option<u64>,
    },
}
