//! New runs that no call of an endpoint began. Whoever starts one stores it here, so that all are alike.

use std::time::Duration;

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
        self.store_run(&new.request(), data, patience).await
    }

    /// Stores a run in the work queue: from then on it is carried out, whatever dies. The same id is stored once.
    ///
    /// # Errors
    /// As [`Bus::start_run`].
    pub async fn store_run(
        &self,
        request: &RunRequest,
        body: &[u8],
        patience: Duration,
    ) -> Result<(), NewRunError> {
        let id = job_id(request.run_id);
        let job = frame::encode(Kind::Request, request, body)?;
        let lane = subjects::run_async(subjects::DEFAULT_LANE);
        Ok(self.store(lane, &id, job, patience).await?)
    }
}

impl NewRun {
    /// The run as it stands in the work queue, for a body that is a JSON object.
    #[must_use]
    pub fn request(&self) -> RunRequest {
        // A workflow with a listener is to find what it would find of a call.
        let (method, headers) = match self.trigger {
            Some(_) => (String::new(), Vec::new()),
            None => {
                let json = ("content-type".to_owned(), "application/json".to_owned());
                ("POST".to_owned(), vec![json])
            }
        };
        RunRequest {
            run_id: self.run_id,
            attempt: 0,
            trace: self.trace,
            request_id: self.request_id,
            endpoint_id: self.target.endpoint_id,
            workflow_id: self.target.workflow_id,
            version: self.target.version,
            content_hash: self.target.content_hash,
            mode: RunMode::Async,
            reply_to: None,
            gateway: None,
            deadline_ms: self.received_at_ms,
            credit: 0,
            request: Received {
                received_at_ms: self.received_at_ms,
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
            pushes: self.pushes,
            caller: self.caller.clone(),
            trigger: self.trigger,
            replay_of: None,
            trial: None,
        }
    }
}
