//! A workflow as it is told.

use shared::ids::WorkflowId;
use shared::v1::registry::{EndpointInfo, WorkflowInfo};
use shared::v1::reply::Failure;

use super::precondition::etag;
use super::refusal;
use crate::store::{Store, Workflow};

/// The workflow with this id, which must be there.
pub(super) async fn find<S: Store>(store: &S, id: WorkflowId) -> Result<Workflow, Failure> {
    let workflow = store.workflow(id).await.map_err(refusal::store)?;
    workflow.ok_or_else(refusal::no_such_workflow)
}

/// A workflow as it is told. One that is not published counts as changed.
pub(super) fn info(workflow: Workflow) -> WorkflowInfo {
    let changed = workflow
        .published
        .as_ref()
        .is_none_or(|published| published.content_hash != workflow.draft_hash);
    WorkflowInfo {
        id: workflow.id,
        name: workflow.name,
        category: workflow.category,
        etag: etag(workflow.revision),
        created_at_ms: workflow.created_at_ms,
        updated_at_ms: workflow.updated_at_ms,
        endpoint: Some(EndpointInfo {
            id: workflow.endpoint,
            path: workflow.hashes.path(),
        }),
        published: workflow.published,
        changed,
        document: workflow.document,
    }
}
