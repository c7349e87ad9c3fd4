//! From what a run sends back to what the caller gets.

mod authored;
mod body;
mod kept;
mod parked;
mod queued;
mod replay;
mod stream;
mod waiting;

pub(crate) use authored::head_of_stream;
pub(crate) use body::Body;
pub(crate) use kept::{check as check_link, kept};
pub(crate) use parked::{kept_within, parked};
pub(crate) use queued::{not_stored, queued};
pub(crate) use replay::{ResumeAt, resume};
pub(crate) use stream::{FRAMES_AHEAD, queued_stream, stream};
pub(crate) use waiting::waiting;

/// An HTTP reply of this gateway.
pub(crate) type Response = http::Response<Body>;
