//! Listing secrets or variables.

use shared::v1::registry::Page;
use shared::v1::reply::Failure;
use shared::v1::settings::{ListSettings, SettingInfo, is_setting_name};

use super::entry;
use crate::operations::page;
use crate::operations::refusal::{invalid, store as store_failure};
use crate::store::Store;

/// Secrets without their values, or variables with theirs, in the order of their names, 1 to 200 at a time, each with the
/// workflows that use it.
///
/// # Errors
/// `invalid_request` (a limit out of bounds, a cursor that is none).
pub async fn list<S: Store>(
    store: &S,
    message: ListSettings,
) -> Result<Page<SettingInfo>, Failure> {
    let limit = page::limit(message.limit)?;
    let after = message.cursor.as_deref();
    // The cursor is the last name: nothing that is no name was ever one.
    if after.is_some_and(|after| !is_setting_name(after)) {
        let detail = "the cursor is none that a listing gave; begin again without a cursor";
        return Err(invalid(detail));
    }
    let found = store.settings(message.kind, after, limit + 1).await;
    let mut found = found.map_err(store_failure)?;
    let limit = limit as usize;
    let more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| more).map(|last| last.name.clone());
    let items = entry::page(store, message.kind, found).await?;
    Ok(Page { items, next_cursor })
}
