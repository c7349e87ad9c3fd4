//! Deleting a workflow.

use shared::v1::registry::DeleteWorkflow;
use shared::v1::reply::Failure;

use super::precondition::{self, IfMatch};
use super::{entry, refusal};
use crate::store::Store;
use crate::views::Live;

/// Deletes a workflow: its endpoint is off on every gateway before the answer comes, and its name is free. Its versions
/// stay for runs that are under way. A new workflow of the same name gets another URL.
///
/// # Errors
/// `not_found`, `precondition_failed` (another draft than the author saw).
pub async fn delete<S: Store>(
    store: &S,
    live: &Live<S>,
    now_ms: i64,
    message: DeleteWorkflow,
) -> Result<(), Failure> {
    let wanted = IfMatch::parse(&message.if_match)?;
    let turn = live.turn_in_time(message.id).await.map_err(refusal::live)?;
    let workflow = entry::find(store, message.id).await?;
    wanted.check(workflow.revision)?;
    let revision = match wanted {
        IfMatch::Any => None,
        IfMatch::Revision(_) | IfMatch::Never => Some(workflow.revision),
    };
    let done = store
        .delete(message.id, revision, now_ms)
        .await
        .map_err(refusal::store)?;
    if !done {
        // Changed or deleted since it was read, a moment ago.
        let workflow = entry::find(store, message.id).await?;
        wanted.check(workflow.revision)?;
        return Err(precondition::failed());
    }
    tracing::info!(workflow_id = %message.id, "deleted");
    let routes = live.apply(&turn).await.map_err(refusal::live)?;
    drop(turn);
    live.reached(routes).await;
    Ok(())
}
