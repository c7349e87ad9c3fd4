//! Making a workflow.

use rand::TryRng;
use rand::rngs::SysRng;
use shared::ids::{EndpointId, WorkflowId};
use shared::v1::auth::SealedCredentials;
use shared::v1::registry::{CreateWorkflow, Saved};
use shared::v1::reply::Failure;
use uuid::Uuid;

use super::credentials::merge;
use super::draft::ReadDraft;
use super::{entry, refusal};
use crate::store::{NewWorkflow, Store, StoreError};

/// Makes a workflow with its draft and its endpoint, whose URL never changes from then on. The draft may have errors,
/// but needs a valid name that no other workflow has. Nothing is live before it is published.
///
/// # Errors
/// `invalid_request`, `invalid_workflow` (no valid name), `conflict` (the name is taken).
pub async fn create<S: Store>(
    store: &S,
    now_ms: i64,
    message: CreateWorkflow,
) -> Result<Saved, Failure> {
    let draft = message.draft;
    let read = ReadDraft::read(&draft)?;
    let name = read.name.clone();
    let id = WorkflowId(Uuid::now_v7());
    let endpoint = EndpointId(Uuid::now_v7());
    let merged = merge(
        SealedCredentials::default(),
        &draft,
        read.access.authentication,
    );
    let new = NewWorkflow {
        id,
        endpoint,
        first_hash: random()?,
        second_hash: random()?,
        draft: read.stored(endpoint, merged.credentials, &draft, now_ms)?,
    };
    store.create(&new).await.map_err(|error| match error {
        StoreError::Taken => refusal::name_taken(&name),
        other => refusal::store(other),
    })?;
    let workflow = entry::info(entry::find(store, id).await?);
    Ok(Saved {
        workflow,
        took_key: merged.took_key,
        took_secret: merged.took_secret,
    })
}

/// 128 bits from the operating system: half of what makes a URL unguessable.
fn random() -> Result<[u8; 16], Failure> {
    let mut bytes = [0; 16];
    SysRng.try_fill_bytes(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the operating system gives no randomness");
        refusal::internal()
    })?;
    Ok(bytes)
}
