//! Taking an endpoint off.

use shared::v1::registry::{Unpublish, WorkflowInfo};
use shared::v1::reply::Failure;

use super::{entry, refusal};
use crate::store::Store;
use crate::views::Live;

/// Takes a workflow's endpoint off every gateway before the answer comes. Its draft, versions and URL stay. Runs that
/// are under way end as they would have. Unpublishing what is not published changes nothing.
///
/// # Errors
/// `not_found`; `bus_unavailable` where it is stored but not known to be off everywhere yet.
pub async fn unpublish<S: Store>(
    store: &S,
    live: &Live<S>,
    message: Unpublish,
) -> Result<WorkflowInfo, Failure> {
    let turn = live.turn_in_time(message.id).await.map_err(refusal::live)?;
    if !store.unpublish(message.id).await.map_err(refusal::store)? {
        return Err(refusal::no_such_workflow());
    }
    tracing::info!(workflow_id = %message.id, "unpublished");
    let routes = live.apply(&turn).await.map_err(refusal::live)?;
    drop(turn);
    live.reached(routes).await;
    Ok(entry::info(entry::find(store, message.id).await?))
}
