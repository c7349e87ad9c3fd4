//! Asynchronous runs: stored first, answered then.

use std::time::Duration;

use bus::StoreError;
use bus::queue::job_id;
use bytes::Bytes;
use jiff::Timestamp;
use shared::codes::Code;
use shared::frame::{self, Kind};
use shared::ids::RunId;
use shared::subjects;
use shared::v1::run::RunRequest;
use workflow::data::Data;
use workflow::template::{Evaluator, Surroundings};

use super::Response;
use super::authored::authored;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::routes::{Renderer, Route};

/// How long the stream may take to say that a run is stored.
const PATIENCE: Duration = Duration::from_secs(5);

/// A body beyond this is read apart from the requests of others, in bytes.
const LARGE: usize = 64 * 1024;

/// Stores a run, so that it is carried out whatever happens to this gateway.
///
/// # Errors
/// `queue_unavailable`, or `bus_unavailable` where nothing could be sent at all.
pub(super) async fn store(
    platform: &Platform,
    request: &RunRequest,
    body: &Bytes,
) -> Result<(), Problem> {
    let payload = frame::encode(Kind::Request, request, body).map_err(|error| {
        tracing::error!(%error, "a run could not be written");
        Problem::new(Code::Internal, "the run could not be written")
    })?;
    let subject = subjects::run_async(subjects::DEFAULT_LANE);
    let id = job_id(request.run_id);
    platform
        .bus
        .store(subject, &id, payload, PATIENCE)
        .await
        .map_err(|error| not_stored(&error, request.run_id))
}

/// What is told of a run that the queue did not take.
pub(crate) fn not_stored(error: &StoreError, run_id: RunId) -> Problem {
    tracing::warn!(%error, %run_id, "a run could not be stored");
    match error {
        StoreError::NotConnected(error) => Problem::new(Code::BusUnavailable, error.to_string()),
        // It may be stored all the same, and run.
        StoreError::Timeout | StoreError::Cut => {
            let detail = "the request could not be stored, as far as is known";
            Problem::new(Code::QueueUnavailable, detail).of_run(run_id)
        }
        _ => Problem::new(Code::QueueUnavailable, "the request could not be stored"),
    }
}

/// Stores a run of a `data`, `html` or `redirect` endpoint and makes its reply from the request alone.
///
/// # Errors
/// `queue_unavailable`, or `reply_refused` where the reply cannot be made; the run goes on all the same.
pub(crate) async fn queued(
    platform: &Platform,
    route: &Route,
    request: RunRequest,
    body: Bytes,
) -> Result<Response, Problem> {
    store(platform, &request, &body).await?;
    let run_id = request.run_id;
    let refused = |reason: String| {
        tracing::warn!(%run_id, endpoint_id = %route.view.endpoint_id, reason, "a reply could not be made");
        Problem::new(
            Code::ReplyRefused,
            "the reply that the workflow makes cannot be sent",
        )
        .of_run(run_id)
    };
    let renderer = route.renderer.clone();
    let renderer = renderer.ok_or_else(|| refused("it does not compile".to_owned()))?;
    let mut surroundings = Surroundings::new(received_at(&request), rand::random());
    surroundings.bounds = platform.config.bounds();
    surroundings.variables = platform.variables.now();
    let (place, offload) = platform.offload(renderer.heavy.clone());
    surroundings.offload = Some(offload);
    place.enter().await;
    let reply = if body.len() > LARGE {
        // Reading it takes a while, in which no other caller is to wait.
        let rendering = move || render(&renderer, &request, body, &surroundings);
        let rendered = tokio::task::spawn_blocking(rendering).await;
        rendered.unwrap_or_else(|error| Err(error.to_string()))
    } else {
        render(&renderer, &request, body, &surroundings)
    };
    place.leave();
    let reply = reply.map_err(refused)?;
    authored(
        reply.status,
        &reply.headers,
        [Bytes::from(reply.body)].into(),
    )
    .map_err(|problem| problem.of_run(run_id))
}

fn received_at(request: &RunRequest) -> Timestamp {
    Timestamp::from_millisecond(request.request.received_at_ms).unwrap_or_default()
}

fn render(
    renderer: &Renderer,
    request: &RunRequest,
    body: Bytes,
    surroundings: &Surroundings,
) -> Result<workflow::reply::Reply, String> {
    let data = Data::from_run(request, body).map_err(|error| error.to_string())?;
    let mut evaluator = Evaluator::new(&renderer.scripts, surroundings, data.scope_value());
    let made = renderer
        .spec
        .make(&mut evaluator)
        .map_err(|error| error.to_string())?;
    for note in made.notes {
        tracing::info!(run_id = %request.run_id, %note, "a reply was changed");
    }
    for undefined in evaluator.into_undefined() {
        tracing::debug!(run_id = %request.run_id, name = undefined.path, "an undefined value was printed");
    }
    Ok(made.reply)
}
