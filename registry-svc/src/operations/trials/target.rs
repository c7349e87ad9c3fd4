//! What a replay or a test run carries out.

use shared::codes::Code;
use shared::ids::ContentHash;
use shared::v1::registry::{PushTarget, WorkflowSource};
use shared::v1::reply::Failure;
use shared::v1::run_log::RunRecord;
use shared::v1::trials::Against;

use crate::operations::{existing, publish, refusal};
use crate::store::{Store, Workflow};

/// What a replay carries out, with the document where that is a draft.
///
/// # Errors
/// `conflict` where it is not there, `invalid_workflow` with every problem of a draft.
pub(super) async fn of<S: Store>(
    store: &S,
    origin: &RunRecord,
    against: Against,
) -> Result<(PushTarget, Option<String>), Failure> {
    let workflow = store.workflow(origin.workflow_id).await;
    let Some(workflow) = workflow.map_err(refusal::store)? else {
        return Err(gone(
            "the workflow of the run is deleted, so it cannot be run again",
        ));
    };
    match against {
        Against::Published => {
            let Some(version) = &workflow.published else {
                return Err(gone(
                    "the workflow is not published: publish it, or replay against `draft` or `origin`",
                ));
            };
            let (number, content_hash) = (version.number, version.content_hash);
            let source = workflow.published_source.unwrap_or_default();
            Ok((target(&workflow, number, content_hash, source), None))
        }
        Against::Origin => {
            let stored = store.document(origin.content_hash).await;
            if stored.map_err(refusal::store)?.is_none() {
                return Err(gone(
                    "the run carried out a draft, which is not kept: replay against `draft` or `published`",
                ));
            }
            let (number, content_hash) = (origin.version, origin.content_hash);
            let source = match origin.trigger {
                Some(_) => WorkflowSource::Manual,
                None => WorkflowSource::Listener,
            };
            Ok((target(&workflow, number, content_hash, source), None))
        }
        Against::Draft => {
            let (target, document) = draft(store, workflow).await?;
            Ok((target, Some(document)))
        }
    }
}

/// A workflow's draft, checked as for publishing, and its document.
///
/// # Errors
/// `invalid_workflow` with every problem.
pub(super) async fn draft<S: Store>(
    store: &S,
    workflow: Workflow,
) -> Result<(PushTarget, String), Failure> {
    let credentials = store.credentials(workflow.id).await;
    let credentials = credentials.map_err(refusal::store)?;
    let (workflow, candidate, sealed) = publish::check(workflow, credentials).await?;
    existing::check(store, &candidate.used(&sealed)).await?;
    let target = target(&workflow, 0, candidate.content_hash, workflow.source);
    Ok((target, candidate.text().to_owned()))
}

const fn target(
    workflow: &Workflow,
    version: u64,
    content_hash: ContentHash,
    source: WorkflowSource,
) -> PushTarget {
    PushTarget {
        workflow_id: workflow.id,
        endpoint_id: workflow.endpoint,
        version,
        content_hash,
        source,
    }
}

fn gone(detail: &str) -> Failure {
    Failure::new(Code::Conflict, detail)
}
