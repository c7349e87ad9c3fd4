//! Setting a secret or variable.

use shared::codes::Code;
use shared::frame;
use shared::ids::SettingId;
use shared::limits::{MAX_SETTING, MAX_SETTINGS};
use shared::v1::reply::Failure;
use shared::v1::settings::{PutSetting, SettingPut, SettingValue};
use uuid::Uuid;

use super::{entry, refusal};
use crate::operations::refusal::{self as failure, invalid};
use crate::store::{NewSetting, SettingChange, Store};
use crate::views::Live;

/// What sealing adds to a value, in bytes: the tag.
const SEALING: usize = 16;

/// Sets a secret or variable, new or not. What it changes is in effect before the answer comes: no token passes any more
/// that only a replaced secret lets through, and the next request reads the new value of a variable.
///
/// # Errors
/// `invalid_request` (a text that names nothing, a value that is too large), `precondition_failed`, `conflict` (there are
/// as many as there may be), `bus_unavailable` (stored, but not live yet).
pub async fn put<S: Store>(
    store: &S,
    live: &Live<S>,
    now_ms: i64,
    message: PutSetting,
) -> Result<SettingPut, Failure> {
    refusal::check_name(&message.name)?;
    let wanted = refusal::wanted(message.if_match.as_deref())?;
    let kind = message.value.kind();
    let word = kind.as_str();
    let new = NewSetting {
        kind,
        id: SettingId(Uuid::now_v7()),
        name: message.name,
        value: value(message.value)?,
        updated_at_ms: now_ms,
        updated_by: message.actor,
    };
    let done = store.put_setting(&new, wanted).await;
    let (id, created) = match done.map_err(failure::store)? {
        SettingChange::Done { id, created } => (id, created),
        SettingChange::Full => {
            let detail = format!("there are {MAX_SETTINGS} {word}s, and no more are allowed");
            return Err(Failure::new(Code::Conflict, detail));
        }
        SettingChange::Other | SettingChange::Missing | SettingChange::Used => {
            return Err(refusal::other(kind));
        }
    };
    tracing::info!(setting_id = %id, actor = %message.actor, "a {word} was set");
    live.setting_changed(kind, id, &new.name)
        .await
        .map_err(failure::live)?;
    let found = store.setting_with_id(kind, id).await;
    let found = found.map_err(failure::store)?;
    let setting = found.ok_or_else(|| refusal::missing(kind))?;
    let info = entry::told(store, kind, setting).await?;
    Ok(SettingPut { info, created })
}

/// The value as it is stored.
fn value(value: SettingValue) -> Result<Vec<u8>, Failure> {
    let too_large = || invalid(format!("a value has {MAX_SETTING} bytes at most"));
    match value {
        SettingValue::Secret(sealed) if sealed.ciphertext.len() > MAX_SETTING + SEALING => {
            Err(too_large())
        }
        SettingValue::Secret(sealed) => {
            let packed = frame::pack(&sealed).map_err(failure::pack)?;
            Ok(packed.to_vec())
        }
        SettingValue::Variable(text) if text.len() > MAX_SETTING => Err(too_large()),
        SettingValue::Variable(text) => Ok(text.into_bytes()),
    }
}
