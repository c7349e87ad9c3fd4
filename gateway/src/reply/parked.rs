//! Asynchronous `continue`: the reply if it comes soon, else where to fetch it.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};
use ops::clock::now_ms;
use serde_json::json;
use shared::codes::Code;
use shared::ids::{EndpointId, RunId};
use shared::limits::REPLY_KEPT_SECONDS;
use shared::v1::auth::SignReplyLink;
use shared::v1::run::RunRequest;
use tokio::time::{Instant, sleep_until, timeout};

use super::kept::fetch;
use super::queued::store;
use super::waiting::reply;
use super::{Body, Response};
use crate::asked::Asked;
use crate::dispatch::Flight;
use crate::idempotency::Claim;
use crate::platform::Platform;
use crate::problem::Problem;

/// How many frames of a reply may wait to be taken.
const FRAMES: usize = 64;

/// How often a kept reply is looked for that no frames tell of.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long auth-svc may take to sign a link.
const PATIENCE: Duration = Duration::from_secs(2);

/// Stores a run, waits a while for its reply, and hands out a link to it otherwise.
///
/// # Errors
/// `queue_unavailable`, or what went wrong with the run.
pub(crate) async fn parked(
    platform: &Platform,
    asked: &Asked,
    mut request: RunRequest,
    body: Bytes,
    patience: Duration,
    claim: Option<&mut Claim>,
) -> Result<Response, Problem> {
    let (run_id, endpoint_id) = (request.run_id, request.endpoint_id);
    let slot = platform.bus.inbox().slot(FRAMES);
    request.reply_to = Some(slot.subject().to_owned());
    store(platform, &request, &body).await?;
    if let Some(claim) = claim {
        claim.accepted().await;
        if claim.taken_over {
            // What was stored may be the run of the gateway before, which its frames go to.
            return kept_within(platform, asked, run_id, endpoint_id, patience).await;
        }
    }
    let mut flight = Flight::queued(platform.bus.clone(), run_id, slot);
    let replied = async {
        let news = flight.next().await;
        match reply(&mut flight, news, run_id).await {
            // A frame was lost on its way here: the kept reply is whole.
            Err(problem) if lost_on_the_way(problem.code()) => std::future::pending().await,
            reply => reply,
        }
    };
    if let Ok(reply) = timeout(patience, replied).await {
        return reply;
    }
    // The reply may have been kept although its frames did not come through.
    kept_within(platform, asked, run_id, endpoint_id, Duration::ZERO).await
}

/// The kept reply of a run that is stored, looked for until `patience` is over; else a link to it. Where it cannot be
/// looked for, the run is accepted all the same.
///
/// # Errors
/// What went wrong with the run.
pub(crate) async fn kept_within(
    platform: &Platform,
    asked: &Asked,
    run_id: RunId,
    endpoint_id: EndpointId,
    patience: Duration,
) -> Result<Response, Problem> {
    let end = Instant::now() + patience;
    loop {
        if let Ok(Some(reply)) = fetch(platform, run_id).await {
            return reply;
        }
        if Instant::now() >= end {
            let link = link(platform, asked, run_id, endpoint_id).await;
            return Ok(not_yet(&run_id.to_string(), link.as_deref()));
        }
        sleep_until(end.min(Instant::now() + LOOK_EVERY)).await;
    }
}

/// Whether a problem is one of the way that a reply takes, and none of the run's.
const fn lost_on_the_way(code: Code) -> bool {
    matches!(
        code,
        Code::ReplyBroken | Code::RunnerLost | Code::NoRunner | Code::BusUnavailable
    )
}

/// The signed URL under which the reply will be; none where auth-svc is away, since the run is accepted all the same.
async fn link(
    platform: &Platform,
    asked: &Asked,
    run_id: RunId,
    endpoint_id: EndpointId,
) -> Option<String> {
    let now = now_ms();
    let message = SignReplyLink {
        run_id,
        endpoint_id,
        expires_at: now / 1_000 + i64::try_from(REPLY_KEPT_SECONDS).unwrap_or_default(),
    };
    match platform
        .bus
        .call(asked.context(), message, PATIENCE, now)
        .await
    {
        Ok(signed) => Some(format!("/runs/{run_id}/reply?token={}", signed.token)),
        Err(error) => {
            tracing::error!(%error, %run_id, "a reply link could not be signed");
            None
        }
    }
}

/// "Accepted, and not there yet."
pub(super) fn not_yet(run_id: &str, location: Option<&str>) -> Response {
    let body = Bytes::from(json!({"run_id": run_id}).to_string());
    let length = HeaderValue::from(body.len());
    let mut response = Response::new(Body::whole(body));
    *response.status_mut() = StatusCode::ACCEPTED;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_LENGTH, length);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(Ok(location)) = location.map(HeaderValue::from_str) {
        headers.insert(LOCATION, location);
    }
    response
}
