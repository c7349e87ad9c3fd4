//! A workflow as it is told.

use jiff::Timestamp;
use shared::ids::WorkflowId;
use shared::v1::registry::{EndpointInfo, ScheduleInfo, WorkflowInfo, WorkflowSource};
use shared::v1::reply::Failure;

use super::precondition::etag;
use super::refusal;
use crate::store::{ScheduleState, Store, Workflow};
use crate::timetable;

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
    let listens = [Some(workflow.source), workflow.published_source];
    let listens = listens.contains(&Some(WorkflowSource::Listener));
    WorkflowInfo {
        source: workflow.source,
        schedule: workflow.schedule.as_ref().map(schedule),
        id: workflow.id,
        name: workflow.name,
        category: workflow.category,
        etag: etag(workflow.revision),
        created_at_ms: workflow.created_at_ms,
        updated_at_ms: workflow.updated_at_ms,
        endpoint: listens.then(|| EndpointInfo {
            id: workflow.endpoint,
            path: workflow.hashes.path(),
        }),
        published: workflow.published,
        changed,
        document: workflow.document,
    }
}

fn schedule(state: &ScheduleState) -> ScheduleInfo {
    let done_to = Timestamp::from_millisecond(state.done_to_ms).unwrap_or_default();
    let next = timetable::read(&state.timetable).and_then(|timetable| timetable.next(done_to));
    ScheduleInfo {
        next_ms: next.map(Timestamp::as_millisecond),
        last_ms: state.last_fired_ms,
    }
}
