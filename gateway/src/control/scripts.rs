//! Scripts, tried out.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use shared::codes::Code;
use workflow::template::Surroundings;
use workflow::trial::{self, Trial};

use super::body;
use super::call::{Call, json as reply};
use crate::problem::Problem;

/// `POST /scripts/evaluate`: what a script yields with this `__data`, what it found undefined, and what it cost. It reads the
/// variables that there are, and no secret. Nothing is stored and nothing is called. A script that is wrong or fails is told as `error`, with its place.
pub(super) async fn evaluate(call: Call) -> Result<Response, Problem> {
    let trial: Option<Trial> = body::json(&call.headers, &call.body)?;
    let trial = trial.ok_or_else(|| {
        let detail = "the body is a JSON object with `template`, and perhaps `place` and `data`";
        Problem::new(Code::InvalidRequest, detail)
    })?;
    if !(trial.data.is_object() || trial.data.is_null()) {
        let detail = "`data` is what the script sees as `__data`, and so an object";
        return Err(Problem::new(Code::InvalidRequest, detail));
    }
    let now = Timestamp::from_millisecond(ops::clock::now_ms()).unwrap_or_default();
    let mut surroundings = Surroundings::new(now, rand::random());
    surroundings.bounds = call.platform.config.bounds();
    surroundings.variables = call.platform.variables.now();
    let (_, offload) = call.platform.offload(Default::default());
    surroundings.offload = Some(offload);
    let trying = tokio::task::spawn_blocking(move || trial::run(&trial, &surroundings));
    let tried = trying.await.map_err(|error| {
        tracing::error!(%error, "a script could not be tried out");
        Problem::new(Code::Internal, "the script could not be evaluated")
    })?;
    reply(StatusCode::OK, &tried)
}
