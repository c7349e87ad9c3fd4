//! Stopping a run.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;
use shared::codes::Code;
use shared::ids::RunId;
use shared::v1::letters::{CancelRun, Cancelling};

use super::call::{Call, Id, json as reply};
use crate::problem::Problem;

/// `POST /runs/{id}/cancel`: the run is told to stop, wherever it is.
pub(super) async fn cancel(Id(run_id): Id<RunId>, call: Call) -> Result<Response, Problem> {
    let held = false;
    let mut answer = call.registry(CancelRun { run_id, held }).await?;
    // A run whose caller waits, and that no log was told of yet, is known to its runner alone.
    if answer == Cancelling::Unknown && call.platform.dispatch.holds(run_id).await {
        let held = true;
        answer = call.registry(CancelRun { run_id, held }).await?;
    }
    match answer {
        Cancelling::Told => reply(
            StatusCode::ACCEPTED,
            &json!({"run_id": run_id, "state": "cancelling"}),
        ),
        Cancelling::Ended => {
            let detail = "the run has ended, so there is nothing to stop";
            Err(Problem::new(Code::RunEnded, detail).of_run(run_id))
        }
        Cancelling::Dead => {
            let detail = "the run is a dead letter: drop it, or send it again";
            Err(Problem::new(Code::Conflict, detail).of_run(run_id))
        }
        Cancelling::Unknown => Err(Problem::not_found()),
    }
}
