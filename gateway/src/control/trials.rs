//! Runs that a person asks for: replays of earlier runs, and test runs of drafts.

use axum::response::Response;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::json;
use shared::codes::Code;
use shared::ids::{RunId, WorkflowId};
use shared::v1::trials::{Against, ReplayRun, Started, TestRun};
use uuid::Uuid;

use super::body;
use super::call::{Call, Id, json as reply};
use super::payload::Payload;
use super::run_views::{self, Links};
use crate::problem::Problem;

/// What becomes of what the steps ask for outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Effects {
    /// It is done.
    #[default]
    Real,
    /// The record of an earlier run answers.
    Recorded,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ReplayWanted {
    payload: Option<Payload>,
    against: Against,
    effects: Effects,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TestWanted {
    payload: Option<Payload>,
    effects: Effects,
    recorded_run: Option<RunId>,
}

/// `POST /runs/{run_id}/replay`: the run is carried out again, with its own request or another one. It is accepted once the
/// queue has it.
pub(super) async fn replay(Id(origin): Id<RunId>, call: Call) -> Result<Response, Problem> {
    let wanted: Option<ReplayWanted> = body::json(&call.headers, &call.body)?;
    let wanted = wanted.unwrap_or_default();
    let message = ReplayRun {
        origin,
        run_id: RunId(Uuid::now_v7()),
        payload: wanted.payload.map(Payload::given).transpose()?,
        against: wanted.against,
        recorded: wanted.effects == Effects::Recorded,
        actor: call.actor.id,
    };
    let recorded = message.recorded.then_some(origin);
    let started = call.registry(message).await?;
    accepted(&started, (Some(origin), wanted.against, recorded))
}

/// `POST /workflows/{id}/test-run`: the draft is carried out, published or not.
pub(super) async fn test(Id(workflow_id): Id<WorkflowId>, call: Call) -> Result<Response, Problem> {
    let wanted: Option<TestWanted> = body::json(&call.headers, &call.body)?;
    let wanted = wanted.unwrap_or_default();
    let recorded = match (wanted.effects, wanted.recorded_run) {
        (Effects::Recorded, None) => {
            return Err(invalid(
                "`effects: recorded` needs `recorded_run`: the id of the run whose answers are taken",
            ));
        }
        (Effects::Real, Some(_)) => {
            return Err(invalid("`recorded_run` goes with `effects: recorded`"));
        }
        (_, recorded) => recorded,
    };
    let payload = wanted.payload.map(Payload::given).transpose()?;
    let message = TestRun {
        workflow_id,
        run_id: RunId(Uuid::now_v7()),
        payload: payload.unwrap_or_default(),
        recorded,
        actor: call.actor.id,
    };
    let started = call.registry(message).await?;
    accepted(&started, (None, Against::Draft, recorded))
}

fn accepted(
    started: &Started,
    (origin, against, recorded): (Option<RunId>, Against, Option<RunId>),
) -> Result<Response, Problem> {
    let links = Links::of(started.run_id, origin, recorded);
    let shown = json!({
        "run_id": started.run_id.to_string(),
        "workflow_id": started.workflow_id.to_string(),
        "version": run_views::version(started.version),
        "content_hash": started.content_hash.to_string(),
        "replay_of": origin.map(|id| id.to_string()),
        "against": against,
        "test": against == Against::Draft,
        "recorded_run": recorded.map(|id| id.to_string()),
        "masked": started.masked,
        "absent": started.absent,
        "links": links,
    });
    let mut response = reply(StatusCode::ACCEPTED, &shown)?;
    if let Ok(location) = HeaderValue::from_str(&links.run) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

fn invalid(detail: &str) -> Problem {
    Problem::new(Code::InvalidRequest, detail)
}
