//! Deleting a secret or variable.

use serde_json::json;
use shared::codes::Code;
use shared::v1::reply::Failure;
use shared::v1::settings::{DeleteSetting, SettingKind};

use super::{entry, refusal};
use crate::operations::refusal as failure;
use crate::store::{SettingChange, Store};
use crate::views::Live;

/// Deletes a secret or variable. One that a published version uses is only deleted with `force`: its scripts fail from then
/// on, or read nothing, and an endpoint whose credentials use it lets nobody in.
///
/// # Errors
/// `not_found`, `invalid_request` (a text that names nothing), `precondition_failed`, `conflict` with the workflows that
/// use it, `bus_unavailable` (deleted, but not everywhere yet).
pub async fn delete<S: Store>(
    store: &S,
    live: &Live<S>,
    message: DeleteSetting,
) -> Result<(), Failure> {
    let (kind, name) = (message.kind, message.name);
    refusal::check_name(&name)?;
    let wanted = refusal::wanted(message.if_match.as_deref())?;
    let done = store
        .delete_setting(kind, &name, wanted, message.force)
        .await;
    let id = match done.map_err(failure::store)? {
        SettingChange::Done { id, .. } => id,
        SettingChange::Missing => return Err(refusal::missing(kind)),
        SettingChange::Used => return Err(used(store, kind, &name).await?),
        SettingChange::Other | SettingChange::Full => return Err(refusal::other(kind)),
    };
    tracing::info!(setting_id = %id, "a {} was deleted", kind.as_str());
    live.setting_changed(kind, id, &name)
        .await
        .map_err(failure::live)
}

/// The failure that names the workflows.
async fn used<S: Store>(store: &S, kind: SettingKind, name: &str) -> Result<Failure, Failure> {
    let users = entry::users(store, kind, name).await?;
    let names: Vec<_> = users
        .into_iter()
        .filter(|user| user.published)
        .map(|user| user.name)
        .collect();
    let word = kind.as_str();
    let listed = names.join("`, `");
    let detail = format!("the {word} is used by what is published of `{listed}`");
    let facts = json!({ "used_by": names }).to_string();
    Ok(Failure::new(Code::Conflict, detail).with_facts(facts))
}
