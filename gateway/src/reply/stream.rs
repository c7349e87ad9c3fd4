//! Event streams: frames to the caller as they happen.

mod pump;
mod source;

use std::time::Duration;

use bytes::Bytes;
use shared::limits::STREAM_CREDIT;
use shared::v1::run::RunRequest;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::authored::head_of_stream;
use super::queued::store;
use super::replay::{ResumeAt, resume};
use super::waiting::{failed, timed_out};
use super::{Body, Response};
use crate::dispatch::{Flight, Job, News};
use crate::idempotency::Claim;
use crate::listener::Leash;
use crate::platform::Platform;
use crate::problem::Problem;
pub(super) use pump::Pump;
pub(super) use source::{Source, Step};

/// How many frames wait for the caller's socket; a large one counts as several.
const BUFFER: usize = 64;

/// How many frames may wait for the gateway: all that the runner may send ahead, and some room beside them.
pub(crate) const FRAMES_AHEAD: usize = STREAM_CREDIT as usize + 64;

/// Sends a run out and streams its frames. `cut` ends the caller's connection.
///
/// # Errors
/// `run_timeout` where the stream does not open in time, or whatever went wrong with the run before that.
pub(crate) async fn stream(
    platform: &Platform,
    mut job: Job,
    patience: Duration,
    leash: Leash,
) -> Result<Response, Problem> {
    let run_id = job.request.run_id;
    let launched = timeout(patience, platform.dispatch.launch(&mut job)).await;
    let (flight, news) = launched.unwrap_or_else(|_| Err(timed_out(run_id, patience)))?;
    let News::Open(open) = news else {
        return Err(failed(news, run_id));
    };
    let source = Source::live(flight, run_id);
    Ok(head_of_stream(
        &open.headers,
        start(platform, source, None, leash),
    ))
}

/// Stores a run and streams its frames; they are kept too, so that a caller who reconnects goes on where it stopped.
/// `claim` is the right to do so for a request with a key.
///
/// # Errors
/// `queue_unavailable`.
pub(crate) async fn queued_stream(
    platform: &Platform,
    mut request: RunRequest,
    body: Bytes,
    leash: Leash,
    claim: Option<&Claim>,
) -> Result<Response, Problem> {
    let slot = platform.bus.inbox().slot(FRAMES_AHEAD);
    request.reply_to = Some(slot.subject().to_owned());
    // Nobody knows yet which runner will take the run, so nobody can be given more credit later.
    request.credit = u32::MAX;
    store(platform, &request, &body).await?;
    if claim.is_some_and(|claim| claim.taken_over) {
        // What was stored may be the run of the gateway before, which its frames go to.
        let at = ResumeAt::start(request.run_id);
        return Box::pin(resume(platform, request.endpoint_id, at, leash)).await;
    }
    let flight = Flight::queued(platform.bus.clone(), request.run_id, slot);
    let source = Source::queued(
        platform.bus.clone(),
        flight,
        request.endpoint_id,
        request.run_id,
    );
    Ok(head_of_stream(&[], start(platform, source, None, leash)))
}

/// Begins to pump frames from a source into a body; `first` was taken out of it before.
pub(super) fn start(
    platform: &Platform,
    source: Source,
    first: Option<Step>,
    leash: Leash,
) -> Body {
    let (sender, receiver) = mpsc::channel(BUFFER);
    if let Some(opening) = source.opening() {
        // It is the first, so there is room for it.
        let _ = sender.try_send(opening.into());
    }
    let pump = Pump {
        source,
        first,
        sender,
        stall: platform.config.slow_reader_time(),
        comments: platform.config.stream_comment_time(),
        retry_ms: platform.config.stream_retry_ms,
        ending: platform.ending.clone(),
        leash,
    };
    platform.tasks.tracker.spawn(pump.run());
    Body::live(receiver)
}
