//! From an admitted request to a run and its reply.

use std::time::Duration;

use bytes::Bytes;
use shared::ids::RunId;
use shared::limits::STREAM_CREDIT;
use shared::v1::run::{Received, RunMode, RunRequest};
use shared::v1::views::{ReturnType, RouteView};

use super::Leash;
use crate::asked::Asked;
use crate::dispatch::Job;
use crate::idempotency::Claim;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::reply::{self, FRAMES_AHEAD, Response, ResumeAt};
use crate::routes::Route;

/// How many frames of a whole reply may wait to be taken: enough for the largest.
const REPLY_FRAMES: usize = 256;

/// A request that has passed every check.
pub(super) struct Call<'a> {
    pub(super) platform: &'a Platform,
    pub(super) asked: &'a Asked,
    pub(super) route: &'a Route,
    pub(super) received: Received,
    pub(super) body: Bytes,
    /// The run's id.
    pub(super) run_id: RunId,
    /// The last frame that the caller has of an event stream which was begun before.
    pub(super) resume_at: Option<ResumeAt>,
    /// What holds the caller.
    pub(super) leash: Leash,
}

impl Call<'_> {
    /// Runs the workflow, and answers as the listener's type and mode say (spec section 6). `claim` is the right to do so
    /// for a request with a key.
    pub(super) async fn answer(self, claim: Option<&mut Claim>) -> Result<Response, Problem> {
        let view = &self.route.view;
        match (view.run_mode, view.return_type) {
            (RunMode::Sync, ReturnType::Sse) => {
                let (platform, patience, leash) =
                    (self.platform, self.sync_timeout(), self.leash.clone());
                let job = self.job(FRAMES_AHEAD);
                reply::stream(platform, job, patience, leash).await
            }
            (RunMode::Sync, _) => {
                let (platform, patience) = (self.platform, self.sync_timeout());
                let job = self.job(REPLY_FRAMES);
                reply::waiting(&platform.dispatch, job, patience).await
            }
            (RunMode::Async, ReturnType::Sse) => {
                let leash = self.leash.clone();
                if let Some(at) = self.resume_at {
                    return reply::resume(self.platform, view.endpoint_id, at, leash).await;
                }
                let platform = self.platform;
                let (request, body) = self.request();
                reply::queued_stream(platform, request, body, leash, claim.as_deref()).await
            }
            (RunMode::Async, ReturnType::Continue) => {
                let patience = Duration::from_millis(view.continue_timeout_ms);
                let (platform, asked) = (self.platform, self.asked);
                let (request, body) = self.request();
                reply::parked(platform, asked, request, body, patience, claim).await
            }
            (RunMode::Async, _) => {
                let (platform, route) = (self.platform, self.route);
                let (request, body) = self.request();
                reply::queued(platform, route, request, body).await
            }
        }
    }

    fn sync_timeout(&self) -> Duration {
        Duration::from_millis(self.route.view.sync_timeout_ms)
    }

    fn job(self, frames_ahead: usize) -> Job {
        let view = &self.route.view;
        let may_resend = may_resend(view, &self.received.method);
        let cancel_on_leave = view.cancel_on_disconnect;
        let (request, body) = self.request();
        Job {
            request,
            body,
            may_resend,
            cancel_on_leave,
            frames_ahead,
        }
    }

    fn request(self) -> (RunRequest, Bytes) {
        let view = &self.route.view;
        let patience_ms = match view.run_mode {
            RunMode::Sync => view.sync_timeout_ms,
            RunMode::Async => view.continue_timeout_ms,
        };
        let patience_ms = i64::try_from(patience_ms).unwrap_or(i64::MAX / 2);
        let request = RunRequest {
            run_id: self.run_id,
            attempt: 0,
            trace: self.asked.trace,
            request_id: self.asked.id,
            endpoint_id: view.endpoint_id,
            workflow_id: view.workflow_id,
            version: view.version,
            content_hash: view.content_hash,
            mode: view.run_mode,
            reply_to: None,
            gateway: Some(self.platform.bus.instance()),
            deadline_ms: ops::clock::now_ms().saturating_add(patience_ms),
            credit: STREAM_CREDIT,
            request: self.received,
            resumed: false,
            pardoned: 0,
            restart: 0,
            pushes: 0,
            caller: None,
            trigger: None,
            replay_of: None,
            trial: None,
        };
        (request, self.body)
    }
}

/// Whether a run that was lost may be done again.
pub(super) fn may_resend(view: &RouteView, method: &str) -> bool {
    view.resend || (view.resend_reads && matches!(method, "GET" | "HEAD"))
}
