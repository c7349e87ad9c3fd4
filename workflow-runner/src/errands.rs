//! What steps and scripts want from outside, save for requests.

use serde_json::Value as Json;
use shared::ids::{RequestId, RunId};
use shared::trace::TraceContext;
use shared::v1::run::RunRequest;
use workflow::machine::Errand;

use crate::push::push;
use crate::service::Shared;

/// The run on whose behalf an errand is done.
pub(crate) struct Of {
    pub(crate) run_id: RunId,
    pub(crate) trace: TraceContext,
    pub(crate) request_id: RequestId,
    /// How many pushes led to it.
    pub(crate) pushes: u32,
}

impl Of {
    /// The run that was asked for; what is done carries a span of its own.
    pub(crate) fn run(request: &RunRequest, span_id: u64) -> Self {
        Self {
            run_id: request.run_id,
            trace: request.trace.child(span_id),
            request_id: request.request_id,
            pushes: request.pushes,
        }
    }
}

/// Does an errand; what came of it.
///
/// # Errors
/// Why nothing did, a sentence for people.
pub(crate) async fn carry_out(runner: &Shared, of: &Of, errand: &Errand) -> Result<Json, String> {
    match errand {
        Errand::Push { workflow, data, by } => push(runner, of, workflow, data, by).await,
        memory => runner.memory.answer(memory).await,
    }
}
