//! Runs that somebody starts.

use std::time::Duration;

use axum::response::Response;
use bus::new_run::{NewRun, NewRunError};
use http::StatusCode;
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue};
use ops::clock::now_ms;
use serde_json::{Map, Value, json};
use shared::codes::Code;
use shared::ids::{RunId, WorkflowId};
use shared::v1::registry::{FindTarget, PushTarget};
use shared::v1::run::{Trigger, TriggerSource};
use uuid::Uuid;

use super::body;
use super::call::{Call, Id, json as reply};
use crate::problem::Problem;
use crate::reply::not_stored;

/// How long the queue may take to say that a run is stored.
const PATIENCE: Duration = Duration::from_secs(5);

/// `POST /workflows/{id}/runs`: starts a run of the published version, with the body's members under `__data`. The run is
/// stored when this returns; it goes on by itself.
pub(super) async fn start(Id(id): Id<WorkflowId>, call: Call) -> Result<Response, Problem> {
    let fields: Map<String, Value> = body::json(&call.headers, &call.body)?;
    let target = call.registry(FindTarget { id }).await?.ok_or_else(|| {
        let detail = "the workflow is not published: publish it, then start its runs";
        Problem::new(Code::Conflict, detail)
    })?;
    if target.source.is_listener() {
        let detail = "the runs of a workflow with a listener begin with a call of its endpoint";
        return Err(Problem::new(Code::Conflict, detail));
    }
    let trigger = Trigger {
        source: TriggerSource::Manual,
        scheduled_at_ms: None,
    };
    let data = Value::Object(fields).to_string();
    let run_id = store(&call, target, Some(trigger), &data).await?;
    let told = json!({"run_id": run_id.to_string()});
    let mut response = reply(StatusCode::ACCEPTED, &told)?;
    locate(response.headers_mut(), run_id);
    Ok(response)
}

/// Stores a new run of this version.
async fn store(
    call: &Call,
    target: PushTarget,
    trigger: Option<Trigger>,
    data: &str,
) -> Result<RunId, Problem> {
    let run_id = RunId(Uuid::now_v7());
    let (workflow_id, version) = (target.workflow_id, target.version);
    let new = NewRun {
        run_id,
        trace: call.asked.trace,
        request_id: call.asked.id,
        target,
        trigger,
        received_at_ms: now_ms(),
        pushes: 0,
        caller: None,
    };
    let started = call.platform.bus.start_run(&new, data.as_bytes(), PATIENCE);
    started.await.map_err(|error| match error {
        NewRunError::Store(error) => not_stored(&error, run_id),
        NewRunError::Frame(error) => {
            tracing::error!(%error, "a run could not be written");
            Problem::new(Code::Internal, "the run could not be written")
        }
    })?;
    let actor = call.actor.id;
    tracing::info!(%workflow_id, version, %run_id, %actor, "a run was started");
    Ok(run_id)
}

/// Where the run log has the run.
fn locate(headers: &mut HeaderMap, run_id: RunId) {
    if let Ok(location) = HeaderValue::from_str(&format!("/api/v1/runs/{run_id}")) {
        headers.insert(LOCATION, location);
    }
}
