//! A secret or variable as it is told.

use shared::v1::reply::Failure;
use shared::v1::settings::{SettingInfo, SettingKind, SettingUser};

use crate::operations::precondition::etag;
use crate::operations::refusal;
use crate::store::{Setting, Store};

/// How many workflows are named that use one. A list that nobody reads to its end would not fit into an answer.
const MOST_USERS: u32 = 100;

/// How many workflows are named on a page.
const MOST_USERS_OF_PAGE: u32 = 5_000;

/// As it is told: a variable with its value, a secret without.
pub(super) fn info(
    kind: SettingKind,
    setting: Setting,
    used_by: Vec<SettingUser>,
) -> Result<SettingInfo, Failure> {
    let value = match kind {
        SettingKind::Secret => None,
        SettingKind::Variable => Some(setting.text().map_err(refusal::store)?),
    };
    Ok(SettingInfo {
        id: setting.id,
        name: setting.name,
        value,
        etag: etag(setting.revision),
        updated_at_ms: setting.updated_at_ms,
        updated_by: setting.updated_by,
        used_by,
    })
}

/// One with the workflows that use it.
pub(super) async fn told<S: Store>(
    store: &S,
    kind: SettingKind,
    setting: Setting,
) -> Result<SettingInfo, Failure> {
    let users = users(store, kind, &setting.name).await?;
    info(kind, setting, users)
}

/// The workflows that use one.
pub(super) async fn users<S: Store>(
    store: &S,
    kind: SettingKind,
    name: &str,
) -> Result<Vec<SettingUser>, Failure> {
    let users = store.setting_users(kind, name, name, 2 * MOST_USERS).await;
    let users = users.map_err(refusal::store)?.into_iter();
    Ok(users
        .map(|(_, user)| user)
        .take(MOST_USERS as usize)
        .collect())
}

/// Those of a page, each with the workflows that use it.
pub(super) async fn page<S: Store>(
    store: &S,
    kind: SettingKind,
    settings: Vec<Setting>,
) -> Result<Vec<SettingInfo>, Failure> {
    let (Some(first), Some(last)) = (settings.first(), settings.last()) else {
        return Ok(Vec::new());
    };
    let users = store
        .setting_users(kind, &first.name, &last.name, MOST_USERS_OF_PAGE)
        .await;
    let mut users = users.map_err(refusal::store)?.into_iter().peekable();
    let told = settings.into_iter().map(|setting| {
        // Both sort by the bytes of the names; a name that is used need not be there.
        while users.next_if(|(name, _)| *name < setting.name).is_some() {}
        let mut used_by = Vec::new();
        while let Some((_, user)) = users.next_if(|(name, _)| *name == setting.name) {
            if used_by.len() < MOST_USERS as usize {
                used_by.push(user);
            }
        }
        info(kind, setting, used_by)
    });
    told.collect()
}
