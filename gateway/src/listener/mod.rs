//! The listener port: where callers reach the endpoints.

mod accept;
mod answer;
mod callback;
mod endpoint;
mod fetch;
mod keyed;
mod leash;
mod path;
mod run;

use std::net::IpAddr;

use tokio_util::sync::CancellationToken;

pub(crate) use accept::{Times, accept};
pub(crate) use answer::{answer, request_id};
pub(crate) use leash::Leash;

/// A caller's connection.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    /// The address at its other end.
    pub(crate) peer: IpAddr,
    /// Ends it, whatever is under way on it.
    pub(crate) cut: CancellationToken,
}
