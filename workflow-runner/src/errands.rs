//! What steps and scripts want from outside, save for requests.

use std::time::Duration;

use serde_json::Value as Json;
use shared::ids::{RequestId, RunId};
use shared::trace::TraceContext;
use shared::v1::letters::Caller;
use shared::v1::run::{RunMode, RunRequest};
use workflow::machine::Errand;

use crate::callback_url::callback_url;
use crate::publish::publish;
use crate::push::push;
use crate::service::Shared;

/// How long a run waits whose caller does.
const BRIEF: Duration = Duration::from_secs(30);

/// How long a run waits that nobody waits for: an outage is no reason for it to fail.
const LONG: Duration = Duration::from_secs(24 * 60 * 60);

/// The run on whose behalf an errand is done.
pub(crate) struct Of {
    pub(crate) run_id: RunId,
    pub(crate) trace: TraceContext,
    pub(crate) request_id: RequestId,
    /// How many pushes led to it.
    pub(crate) pushes: u32,
    /// Which time a person had it begin again.
    pub(crate) restart: u64,
    /// Whether it has a journal.
    pub(crate) journalled: bool,
    /// For how long it is tried again what may work in a moment.
    pub(crate) patience: Duration,
}

impl Of {
    /// The run that was asked for; what is done carries a span of its own.
    pub(crate) fn run(request: &RunRequest, span_id: u64) -> Self {
        Self {
            run_id: request.run_id,
            trace: request.trace.child(span_id),
            request_id: request.request_id,
            pushes: request.pushes,
            restart: request.restart,
            journalled: request.mode == RunMode::Async,
            patience: match request.mode {
                RunMode::Sync => BRIEF,
                RunMode::Async => LONG,
            },
        }
    }
}

/// Does an errand; what came of it.
///
/// # Errors
/// Why nothing did, a sentence for people.
pub(crate) async fn carry_out(runner: &Shared, of: &Of, errand: &Errand) -> Result<Json, String> {
    match errand {
        Errand::Push { workflow, data, by } => push(runner, of, workflow, data, (by, None)).await,
        Errand::Call { workflow, data, by } => {
            let caller = Caller {
                run_id: of.run_id,
                place: by.clone(),
            };
            push(runner, of, workflow, data, (by, Some(caller))).await
        }
        Errand::CallbackUrl { place, terms } => {
            callback_url(runner, of, place, terms.as_ref()).await
        }
        Errand::Publish {
            subject,
            headers,
            payload,
            id,
        } => publish(runner, of, subject, headers, (payload, id)).await,
        memory => runner.memory.answer(memory, of.patience).await,
    }
}
