//! What a version's views hold of secrets and variables.
//!
//! A version never changes, but the secrets and variables that its credentials and origins use do. So their values are not
//! a part of it: they are put into its views whenever these are put into their buckets.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use shared::frame;
use shared::v1::settings::{SettingKind, SettingUses};
use shared::v1::views::{CredentialsView, RouteView, Sealed};

use super::credentials::revised;
use super::live::LiveError;
use super::origins::origins;
use crate::store::{Store, StoreError, Views};

/// Two views of a version with the values of this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The packed route view, where there is a listener.
    pub route: Option<Vec<u8>>,
    /// The packed credentials view, where authentication is on.
    pub credentials: Option<Vec<u8>>,
}

/// The values of secrets and variables, as far as there are any.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// Those of secrets, sealed.
    pub secrets: BTreeMap<String, Sealed>,
    /// Those of variables.
    pub variables: BTreeMap<String, String>,
}

impl Values {
    /// Reads those that are used.
    ///
    /// # Errors
    /// [`StoreError`] where the database fails.
    pub async fn read<S: Store>(store: &S, uses: &SettingUses) -> Result<Self, StoreError> {
        let mut values = Self::default();
        for name in &uses.secrets {
            if let Some(secret) = store.setting(SettingKind::Secret, name).await? {
                values.secrets.insert(name.clone(), secret.sealed()?);
            }
        }
        for name in &uses.variables {
            if let Some(variable) = store.setting(SettingKind::Variable, name).await? {
                values.variables.insert(name.clone(), variable.text()?);
            }
        }
        Ok(values)
    }

    /// The variables as scripts take them.
    #[must_use]
    pub fn for_scripts(&self) -> Arc<HashMap<String, String>> {
        Arc::new(self.variables.clone().into_iter().collect())
    }
}

/// The view of credentials with the values that its scripts use, and the revision that it has with them.
///
/// # Errors
/// [`LiveError`] where it cannot be packed.
pub fn with_values(view: CredentialsView, values: Values) -> Result<CredentialsView, LiveError> {
    let view = CredentialsView {
        secrets: values.secrets,
        variables: values.variables,
        ..view
    };
    Ok(revised(view)?)
}

/// The views of a version with the values of this moment. Those of a version that uses none are what was stored.
///
/// # Errors
/// [`LiveError`] where the database fails or holds what cannot be read.
pub(super) async fn resolve<S: Store>(store: &S, views: &Views) -> Result<Resolved, LiveError> {
    let mut resolved = Resolved {
        route: views.route.clone(),
        credentials: views.credentials.clone(),
    };
    let (Some(route), Some(_)) = (&views.route, views.access.given()) else {
        return Ok(resolved);
    };
    let mut route: RouteView = frame::unpack(route)?;
    if let Some(packed) = &views.credentials {
        let values = Values::read(store, &views.access.credentials).await?;
        let view = with_values(frame::unpack(packed)?, values)?;
        route.credentials = Some(view.revision);
        resolved.credentials = Some(frame::pack(&view)?.to_vec());
    }
    if route.cors.is_some() && !views.access.origins.is_empty() {
        let values = Values::read(store, &views.access.origins).await?;
        route.cors = Some(rendered(views, &values).await);
    }
    resolved.route = Some(frame::pack(&route)?.to_vec());
    Ok(resolved)
}

/// The origins; none where they cannot be rendered any more, which a publish has tried.
async fn rendered(views: &Views, values: &Values) -> Vec<String> {
    let (document, variables) = (views.document.clone(), values.for_scripts());
    // Always the moment of the publish, so that every registry-svc renders the same.
    let now = Timestamp::from_millisecond(views.published_at_ms).unwrap_or_default();
    let rendering = tokio::task::spawn_blocking(move || {
        let document: Value = serde_json::from_str(&document).unwrap_or_default();
        let script = document.pointer("/spec/listener/cors_domains");
        let script = script.and_then(Value::as_str).unwrap_or_default();
        origins(script, now, variables).map_err(|error| error.to_string())
    });
    let rendered = rendering.await.map_err(|error| error.to_string());
    rendered
        .and_then(|origins| origins)
        .unwrap_or_else(|error| {
            let content_hash = views.content_hash;
            tracing::error!(error, %content_hash, "origins cannot be rendered, and none may call");
            Vec::new()
        })
}
