//! Listing workflows.

use shared::v1::registry::{ListWorkflows, Page, WorkflowInfo};
use shared::v1::reply::Failure;

use super::{entry, page, refusal};
use crate::store::{Store, WorkflowFilter};

/// Workflows in the order of their names, without their drafts, 1 to 200 at a time. A workflow that is made or renamed
/// meanwhile may be missed or told twice; every other one is told once.
///
/// # Errors
/// `invalid_request` (a limit out of bounds, a cursor that is none).
pub async fn list<S: Store>(
    store: &S,
    message: ListWorkflows,
) -> Result<Page<WorkflowInfo>, Failure> {
    let limit = page::limit(message.limit)?;
    let filter = WorkflowFilter {
        name: page::filter("name", message.name)?,
        category: page::filter("category", message.category)?,
        after: page::after(message.cursor.as_deref())?,
        limit: limit + 1,
    };
    let found = store.list(&filter).await.map_err(refusal::store)?;
    let (found, next_cursor) = page::cut(found, limit, |last| (&last.name, last.id));
    Ok(Page {
        items: found.into_iter().map(entry::info).collect(),
        next_cursor,
    })
}
