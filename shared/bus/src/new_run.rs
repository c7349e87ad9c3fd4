//! New runs that no call of an endpoint began. Whoever starts one stores it here, so that all are alike.

use std::time::Duration;

use bytes::Bytes;
use shared::frame::{self, FrameError, Kind};
use shared::ids::{RequestId, RunId};
use shared::subjects;
use shared::trace::TraceContext;
use shared::v1::letters::Caller;
use shared::v1::registry::PushTarget;
use shared::v1::run::{BodyKind, Received, RunMode, RunRequest, Trigger};

use crate::connect::Bus;
use crate::queue::job_id;
use crate::store::StoreError;

/// A run that is to be started.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Its id; the same id is stored once.
    pub run_id: RunId,
    /// The trace that it belongs to.
    pub trace: TraceContext,
    /// What asks for it.
    pub request_id: RequestId,
    /// Of which version.
    pub target: PushTarget,
    /// What starts it, where its workflow has no listener.
    pub trigger: Option<Trigger>,
    /// When that was, in milliseconds since the Unix epoch.
    pub received_at_ms: i64,
    /// How many pushes of one workflow to another led to it.
    pub pushes: u32,
    /// The run that waits for its end, where there is one.
    pub caller: Option<Caller>,
}

/// Why a run was not started.
#[derive(Debug, thiserror::Error)]
pub enum NewRunError {
    /// The job cannot be written.
    #[error("the run cannot be written")]
    Frame(#[from] FrameError),
    /// The queue did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Bus {
    /// Stores a run in the work queue. `data` is a JSON object, whose members the run finds under `__data`.
    ///
    /// # Errors
    /// [`NewRunError`]; of a run that could not be acknowledged in time it is not known whether it is stored.
    pub async fn start_run(
        &self,
        new: &NewRun,
        data: &[u8],
        patience: Duration,
    ) -> Result<(), NewRunError> {
        let id = job_id(new.run_id);
        let job = job(new, data)?;
        let lane = subjects::run_async(subjects::DEFAULT_LANE);
        Ok(self.store(lane, &id, job, patience).await?)
    }
}

fn job(new: &NewRun, data: &[u8]) -> Result<Bytes, FrameError> {
    // A workflow with a listener is to find what it would find of a call.
    let (method, headers) = match new.trigger {
        Some(_) => (String::new(), Vec::new()),
        None => {
            let json = ("content-type".to_owned(), "application/json".to_owned());
            ("POST".to_owned(), vec![json])
        }
    };
    let request = RunRequest {
        run_id: new.run_id,
        attempt: 0,
        trace: new.trace,
        request_id: new.request_id,
        endpoint_id: new.target.endpoint_id,
        workflow_id: new.target.workflow_id,
        version: new.target.version,
        content_hash: new.target.content_hash,
        mode: RunMode::Async,
        reply_to: None,
        gateway: None,
        deadline_ms: new.received_at_ms,
        credit: 0,
        request: Received {
            received_at_ms: new.received_at_ms,
            method,
            query: String::new(),
            ip: String::new(),
            headers,
            claims: None,
            body_kind: BodyKind::Json,
        },
        resumed: false,
        pardoned: 0,
        restart: 0,
        pushes: new.pushes,
        caller: new.caller.clone(),
        trigger: new.trigger,
    };
    frame::encode(Kind::Request, &request, data)
}
