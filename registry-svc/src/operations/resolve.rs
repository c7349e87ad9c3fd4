//! Finding what a workflow's name stands for at the moment.

use shared::frame;
use shared::v1::registry::{PushTarget, ResolveWorkflow};
use shared::v1::reply::Failure;
use shared::v1::views::RouteView;

use super::refusal;
use crate::store::{EndpointFilter, Store, WorkflowFilter};

/// The published version of the workflow of this name; none where it is not published.
///
/// # Errors
/// `registry_unavailable`.
pub async fn resolve<S: Store>(
    store: &S,
    message: ResolveWorkflow,
) -> Result<Option<PushTarget>, Failure> {
    let filter = EndpointFilter {
        workflows: WorkflowFilter {
            name: Some(message.name),
            category: None,
            after: None,
            limit: 1,
        },
        return_type: None,
        authentication: None,
    };
    let found = store.endpoints(&filter).await.map_err(refusal::store)?;
    let Some(listed) = found.into_iter().next() else {
        return Ok(None);
    };
    let route: RouteView = frame::unpack(&listed.route).map_err(refusal::pack)?;
    Ok(Some(PushTarget {
        workflow_id: route.workflow_id,
        endpoint_id: route.endpoint_id,
        version: route.version,
        content_hash: route.content_hash,
    }))
}
