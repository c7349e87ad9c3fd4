//! Making a draft the published version.

use bus::Bus;
use shared::codes::Code;
use shared::rpc::Context;
use shared::v1::auth::SealedCredentials;
use shared::v1::registry::{Publish, WorkflowInfo};
use shared::v1::reply::Failure;
use shared::v1::settings::SettingUses;

use super::existing;
use super::precondition::{self, IfMatch};
use super::version::Candidate;
use super::{authentication, entry, refusal};
use crate::store::{Store, Workflow};
use crate::views::{Live, Turn, Values, with_values};

/// How often a publish starts over because another registry-svc changed the workflow meanwhile.
const TRIES: u32 = 16;

/// Makes the draft the published version. Every gateway serves it before the answer comes, or a second has passed.
///
/// Nothing with an error is published, nothing that uses a secret that is not there, and nothing whose tokens could not be
/// checked. A draft that is the published
/// version already makes no new one. A version never changes: what is published is what was checked.
///
/// # Errors
/// `not_found`, `precondition_failed` (another draft than the author saw), `invalid_workflow` (with every problem),
/// `auth_unavailable` (the credentials could not be checked), `bus_unavailable` (stored, but not live yet).
pub async fn publish<S: Store>(
    store: &S,
    live: &Live<S>,
    bus: &Bus,
    context: Context,
    now_ms: i64,
    message: Publish,
) -> Result<WorkflowInfo, Failure> {
    let wanted = IfMatch::parse(&message.if_match)?;
    if let Some(text) = &message.message {
        refusal::check_text("the message", text, 2_000)?;
    }
    let turn = live.turn_in_time(message.id).await.map_err(refusal::live)?;
    add_version(store, bus, context, now_ms, &message, wanted).await?;
    let routes = apply(live, &turn).await?;
    drop(turn);
    live.reached(routes).await;
    Ok(entry::info(entry::find(store, message.id).await?))
}

async fn apply<S: Store>(live: &Live<S>, turn: &Turn<'_>) -> Result<u64, Failure> {
    live.apply(turn).await.map_err(refusal::live)
}

/// Checks a draft where it holds nobody up: a large one takes a while.
pub(super) async fn check(
    workflow: Workflow,
    credentials: SealedCredentials,
) -> Result<(Workflow, Candidate, SealedCredentials), Failure> {
    let checking = tokio::task::spawn_blocking(move || {
        let candidate = Candidate::check(&workflow, &credentials)?;
        Ok((workflow, candidate, credentials))
    });
    checking.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a draft could not be checked");
        Err(refusal::internal())
    })
}

async fn values<S: Store>(store: &S, uses: &SettingUses) -> Result<Values, Failure> {
    Values::read(store, uses).await.map_err(refusal::store)
}

async fn add_version<S: Store>(
    store: &S,
    bus: &Bus,
    context: Context,
    now_ms: i64,
    message: &Publish,
    wanted: IfMatch,
) -> Result<(), Failure> {
    for _ in 0..TRIES {
        let workflow = entry::find(store, message.id).await?;
        wanted.check(workflow.revision)?;
        let credentials = store
            .credentials(message.id)
            .await
            .map_err(refusal::store)?;
        let (workflow, candidate, sealed) = check(workflow, credentials).await?;
        let published = workflow.published.as_ref();
        if published.is_some_and(|version| version.content_hash == candidate.content_hash) {
            return Ok(());
        }
        existing::check(store, &candidate.used(&sealed)).await?;
        if let Some(credentials) = candidate.credentials.clone() {
            let used = values(store, &candidate.access.credentials).await?;
            let credentials = with_values(credentials, used).map_err(refusal::live)?;
            authentication::check(bus, context, &credentials, now_ms).await?;
        }
        let values = values(store, &candidate.access.origins).await?;
        let cors = candidate.origins(&values, now_ms).await?;
        let version = candidate.version(&workflow, message, cors, now_ms)?;
        let stored = store.publish(message.id, workflow.revision, &version).await;
        if stored.map_err(refusal::store)? {
            let version = version.info.number;
            tracing::info!(workflow_id = %message.id, version, actor = %message.actor, "published");
            return Ok(());
        }
    }
    if wanted == IfMatch::Any {
        let detail = "the workflow is being changed by others all the time; try again";
        return Err(Failure::new(Code::Conflict, detail));
    }
    Err(precondition::failed())
}
