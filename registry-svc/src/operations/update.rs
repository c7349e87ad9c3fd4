//! Changing a draft.

use shared::v1::registry::{Saved, UpdateWorkflow};
use shared::v1::reply::Failure;

use super::credentials::merge;
use super::draft::ReadDraft;
use super::precondition::{self, IfMatch};
use super::{entry, refusal};
use crate::store::{Store, StoreError};
use crate::views::Live;

/// How often a change for `*` starts over because another registry-svc came between.
const TRIES: u32 = 16;

/// Replaces a workflow's draft. What is published stays as it is until the next publish. A draft that says nothing new
/// changes nothing, its etag included. The workflow may get another name, as long as that is free.
///
/// # Errors
/// `not_found`, `precondition_failed` (another draft than the author saw), `invalid_request`, `invalid_workflow`
/// (no valid name), `conflict` (the name is taken).
pub async fn update<S: Store>(
    store: &S,
    live: &Live<S>,
    now_ms: i64,
    message: UpdateWorkflow,
) -> Result<Saved, Failure> {
    let wanted = IfMatch::parse(&message.if_match)?;
    let draft = message.draft;
    let read = ReadDraft::read(&draft)?;
    let _turn = live.turn_in_time(message.id).await.map_err(refusal::live)?;
    for _ in 0..TRIES {
        let workflow = entry::find(store, message.id).await?;
        wanted.check(workflow.revision)?;
        let stored = store
            .credentials(message.id)
            .await
            .map_err(refusal::store)?;
        let merged = merge(stored.clone(), &draft, read.access.authentication);
        let (took_key, took_secret) = (merged.took_key, merged.took_secret);
        let same_document = workflow.document.as_deref() == Some(read.document.as_str());
        if same_document && merged.credentials == stored {
            return Ok(Saved {
                workflow: entry::info(workflow),
                took_key,
                took_secret,
            });
        }
        let change = read
            .clone()
            .stored(workflow.endpoint, merged.credentials, &draft, now_ms)?;
        let done = store.update(message.id, workflow.revision, &change).await;
        let done = done.map_err(|error| match error {
            StoreError::Taken => refusal::name_taken(&change.name),
            other => refusal::store(other),
        })?;
        if done {
            let workflow = entry::info(entry::find(store, message.id).await?);
            return Ok(Saved {
                workflow,
                took_key,
                took_secret,
            });
        }
    }
    Err(precondition::failed())
}
