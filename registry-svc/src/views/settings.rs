//! Secrets and variables in their buckets.

use bytes::Bytes;
use shared::frame;
use shared::ids::SettingId;
use shared::subjects::setting_key;
use shared::v1::settings::{SecretView, SettingKind, VariableView};
use shared::v1::views::Sealed;

use super::live::{Live, LiveError};
use crate::store::{Setting, Store, StoreError};

impl Setting {
    /// The value of a variable.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where it is no text.
    pub fn text(&self) -> Result<String, StoreError> {
        String::from_utf8(self.value.clone()).map_err(|_| StoreError::Unreadable("variable"))
    }

    /// The value of a secret.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where it is no sealed value.
    pub fn sealed(&self) -> Result<Sealed, StoreError> {
        frame::unpack(&self.value).map_err(|_| StoreError::Unreadable("secret"))
    }
}

/// What auth-svc needs of a secret.
///
/// # Errors
/// [`StoreError::Unreadable`] where its value is no sealed one.
pub fn secret_view(setting: &Setting) -> Result<SecretView, StoreError> {
    Ok(SecretView {
        id: setting.id,
        name: setting.name.clone(),
        revision: setting.revision,
        sealed: setting.sealed()?,
    })
}

/// What gateways and runners need of a variable.
///
/// # Errors
/// [`StoreError::Unreadable`] where its value is no text.
pub fn variable_view(setting: &Setting) -> Result<VariableView, StoreError> {
    Ok(VariableView {
        id: setting.id,
        name: setting.name.clone(),
        revision: setting.revision,
        value: setting.text()?,
    })
}

/// The value in the bucket.
pub(super) fn packed(kind: SettingKind, setting: &Setting) -> Result<Bytes, LiveError> {
    Ok(match kind {
        SettingKind::Secret => frame::pack(&secret_view(setting)?)?,
        SettingKind::Variable => frame::pack(&variable_view(setting)?)?,
    })
}

impl<S: Store> Live<S> {
    /// Makes a change of a secret or variable live: in its bucket, and in the views of each endpoint that decides by it who
    /// may call. Waits until every gateway serves these, and every gateway and runner reads the variable.
    ///
    /// # Errors
    /// [`LiveError`]. A reconciliation is then under way.
    pub async fn setting_changed(
        &self,
        kind: SettingKind,
        id: SettingId,
        name: &str,
    ) -> Result<(), LiveError> {
        let changed = self.try_setting_changed(kind, id, name).await;
        if changed.is_err() {
            self.suspect();
        }
        changed
    }

    async fn try_setting_changed(
        &self,
        kind: SettingKind,
        id: SettingId,
        name: &str,
    ) -> Result<(), LiveError> {
        let revision = self.apply_setting(kind, id).await?;
        let users = self.store.access_users(kind, name).await?;
        let routes = self.apply_all(users).await?;
        let variables = match kind {
            SettingKind::Secret => 0,
            SettingKind::Variable => revision,
        };
        self.reached_both(routes, variables).await;
        Ok(())
    }

    /// Puts what the database says of a secret or variable into its bucket, or takes it off; the bucket's revision
    /// thereafter.
    ///
    /// As with workflows, the database is read again after the put, until it still says what was put.
    pub(super) async fn apply_setting(
        &self,
        kind: SettingKind,
        id: SettingId,
    ) -> Result<u64, LiveError> {
        let (bucket, key) = (self.bucket_of(kind), setting_key(id));
        loop {
            let found = self.store.setting_with_id(kind, id).await?;
            let revision = match &found {
                Some(setting) => bucket.put(&key, packed(kind, setting)?).await?,
                None => bucket.delete(&key).await?,
            };
            if self.store.setting_with_id(kind, id).await? == found {
                return Ok(revision);
            }
        }
    }
}
