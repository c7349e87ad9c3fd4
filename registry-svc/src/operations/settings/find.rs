//! Sealed secrets, for auth-svc.

use shared::limits::MAX_SETTINGS_USED;
use shared::v1::reply::Failure;
use shared::v1::settings::{FindSecrets, SecretView, SettingKind};

use crate::operations::refusal::{invalid, store as store_failure};
use crate::store::Store;
use crate::views::secret_view;

/// The secrets of these names as they are stored now; those that there are none of are left out. auth-svc asks for what it
/// has not heard of yet. Nobody but auth-svc can open what it gets.
///
/// # Errors
/// `invalid_request` (too many names at once).
pub async fn find_secrets<S: Store>(
    store: &S,
    message: FindSecrets,
) -> Result<Vec<SecretView>, Failure> {
    if message.names.len() > MAX_SETTINGS_USED {
        return Err(invalid(format!(
            "{MAX_SETTINGS_USED} names at once are allowed"
        )));
    }
    let mut found = Vec::new();
    for name in &message.names {
        let setting = store.setting(SettingKind::Secret, name).await;
        if let Some(setting) = setting.map_err(store_failure)? {
            found.push(secret_view(&setting).map_err(store_failure)?);
        }
    }
    Ok(found)
}
