//! Requests between services: which subject carries a request, and what comes back.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::ids::RequestId;
use crate::trace::TraceContext;

/// A request that a service answers with one [`Rpc::Reply`] or a [`crate::v1::reply::Failure`].
pub trait Rpc: Serialize + DeserializeOwned + Send + Sync {
    /// The subject that the request is sent to.
    const SUBJECT: &'static str;
    /// Whether sending the request twice does no more than sending it once.
    const IDEMPOTENT: bool;
    /// What comes back.
    type Reply: Serialize + DeserializeOwned + Send + Sync;
}

/// What every request carries beside itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// The trace that the request belongs to.
    pub trace: TraceContext,
    /// The HTTP request behind it.
    pub request_id: RequestId,
    /// When the asker stops waiting, in milliseconds since the Unix epoch. A request whose
    /// deadline has passed is dropped, since commands queued during a reconnect arrive late.
    pub deadline_ms: i64,
}

/// The head of a [`crate::frame::Kind::Request`] frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request<M> {
    /// What goes with every request.
    pub context: Context,
    /// The request itself.
    pub message: M,
}
