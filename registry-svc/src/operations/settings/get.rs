//! Reading a secret or variable.

use shared::v1::reply::Failure;
use shared::v1::settings::{GetSetting, SettingInfo};

use super::{entry, refusal};
use crate::operations::refusal::store as store_failure;
use crate::store::Store;

/// One with the workflows that use it; of a secret never the value.
///
/// # Errors
/// `not_found`, `invalid_request` (a text that names nothing).
pub async fn get<S: Store>(store: &S, message: GetSetting) -> Result<SettingInfo, Failure> {
    refusal::check_name(&message.name)?;
    let found = store.setting(message.kind, &message.name).await;
    let found = found.map_err(store_failure)?;
    let setting = found.ok_or_else(|| refusal::missing(message.kind))?;
    entry::told(store, message.kind, setting).await
}
