//! Putting a run into the work queue that no caller asked for.

use std::time::Duration;

use bus::queue::job_id;
use bus::{Bus, StoreError};
use bytes::Bytes;
use shared::codes::Code;
use shared::frame::{self, Kind};
use shared::ids::{ContentHash, EndpointId, RunId, WorkflowId};
use shared::rpc::Context;
use shared::subjects;
use shared::v1::reply::Failure;
use shared::v1::run::{Received, RunMode, RunRequest};

/// How long the stream may take to say that a run is stored.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a run carries out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    /// The workflow.
    pub(crate) workflow_id: WorkflowId,
    /// Its endpoint.
    pub(crate) endpoint_id: EndpointId,
    /// The version's number; 0 of a draft.
    pub(crate) version: u64,
    /// The content.
    pub(crate) content_hash: ContentHash,
}

/// A run that nobody waits for, as it goes into the queue.
pub(crate) fn run_request(
    context: Context,
    run_id: RunId,
    target: Target,
    request: Received,
) -> RunRequest {
    RunRequest {
        run_id,
        attempt: 0,
        trace: context.trace,
        request_id: context.request_id,
        endpoint_id: target.endpoint_id,
        workflow_id: target.workflow_id,
        version: target.version,
        content_hash: target.content_hash,
        mode: RunMode::Async,
        reply_to: None,
        gateway: None,
        deadline_ms: request.received_at_ms,
        credit: 0,
        request,
        resumed: false,
        pardoned: 0,
        restart: 0,
        pushes: 0,
        replay_of: None,
        trial: None,
    }
}

/// Stores a run in the work queue: from then on it is carried out, whatever dies. The same id is stored once.
///
/// # Errors
/// `queue_unavailable`, or `bus_unavailable` where nothing could be sent at all.
pub(crate) async fn enqueue(bus: &Bus, request: &RunRequest, body: &[u8]) -> Result<(), Failure> {
    let job: Bytes = frame::encode(Kind::Request, request, body).map_err(|error| {
        tracing::error!(%error, "a run could not be written");
        Failure::new(Code::Internal, "the run could not be written")
    })?;
    let lane = subjects::run_async(subjects::DEFAULT_LANE);
    let id = job_id(request.run_id);
    let stored = bus.store(lane, &id, job, PATIENCE).await;
    stored.map_err(|error| {
        tracing::warn!(%error, run_id = %request.run_id, "a run could not be stored");
        match error {
            StoreError::NotConnected(error) => {
                Failure::new(Code::BusUnavailable, error.to_string())
            }
            // It may be stored all the same, and run.
            StoreError::Timeout | StoreError::Cut => {
                let detail = "the run could not be stored, as far as is known";
                Failure::new(Code::QueueUnavailable, detail).of_run(request.run_id)
            }
            _ => Failure::new(Code::QueueUnavailable, "the run could not be stored"),
        }
    })
}
