//! Reading a workflow.

use shared::v1::registry::{GetWorkflow, WorkflowInfo};
use shared::v1::reply::Failure;

use super::entry;
use crate::store::Store;

/// One workflow with its draft, its endpoint's URL and what is published of it. Never a key or a secret.
///
/// # Errors
/// `not_found`, for a deleted one as well.
pub async fn get<S: Store>(store: &S, message: GetWorkflow) -> Result<WorkflowInfo, Failure> {
    Ok(entry::info(entry::find(store, message.id).await?))
}
