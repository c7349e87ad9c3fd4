//! Finding what a new run of a workflow needs at the moment.

use shared::v1::registry::{FindTarget, PushTarget, ResolveWorkflow};
use shared::v1::reply::Failure;

use super::{entry, refusal};
use crate::store::Store;

/// The published version of the workflow of this name; none where it is not published.
///
/// # Errors
/// `registry_unavailable`.
pub async fn resolve<S: Store>(
    store: &S,
    message: ResolveWorkflow,
) -> Result<Option<PushTarget>, Failure> {
    let found = store.target_named(&message.name).await;
    found.map_err(refusal::store)
}

/// The published version of a workflow; none where it is not published.
///
/// # Errors
/// `not_found`, `registry_unavailable`.
pub async fn target<S: Store>(
    store: &S,
    message: FindTarget,
) -> Result<Option<PushTarget>, Failure> {
    let FindTarget { id } = message;
    let found = store.target(id).await.map_err(refusal::store)?;
    if found.is_none() {
        entry::find(store, id).await?;
    }
    Ok(found)
}
