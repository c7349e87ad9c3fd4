//! The secrets and variables that the scripts of credentials read.

use std::collections::HashMap;
use std::sync::Arc;

use script::{Scope, Secrets, SettingNames};
use seal::{PrivateKey, setting};
use shared::v1::settings::SettingKind;
use shared::v1::views::CredentialsView;

use super::rendering::Fault;

/// Those that come with a view, opened.
pub(crate) struct Values {
    secrets: Arc<Secrets>,
    variables: Arc<HashMap<String, String>>,
}

impl Values {
    /// Opens those of a view.
    pub(crate) fn open(key: &PrivateKey, view: &CredentialsView) -> Result<Self, Fault> {
        let opened = view.secrets.iter().map(|(name, sealed)| {
            let value = seal::open(key, &setting::secret(name), sealed)?;
            let text = str::from_utf8(value.expose()).map_err(|_| Fault::NotText)?;
            Ok::<_, Fault>((name.clone(), text.to_owned()))
        });
        let secrets: Secrets = opened.collect::<Result<_, _>>()?;
        let variables = view.variables.clone().into_iter().collect();
        Ok(Self {
            secrets: Arc::new(secrets),
            variables: Arc::new(variables),
        })
    }

    /// What a script names and that is not there.
    pub(crate) fn missing(&self, named: &SettingNames) -> Option<Fault> {
        let fault = |kind, name: &String| Fault::Missing {
            kind,
            name: name.clone(),
        };
        let secret = named
            .secrets
            .iter()
            .find(|name| self.secrets.get(name).is_none())
            .map(|name| fault(SettingKind::Secret, name));
        secret.or_else(|| {
            let mut names = named.variables.iter();
            let missing = names.find(|name| !self.variables.contains_key(*name));
            missing.map(|name| fault(SettingKind::Variable, name))
        })
    }

    /// The scope with them in it.
    pub(crate) fn within(&self, scope: Scope) -> Scope {
        scope
            .with_secrets(self.secrets.clone())
            .with_variables(self.variables.clone())
    }
}
