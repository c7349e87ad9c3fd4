//! Secrets and variables, which scripts read with `secret("NAME")` and `variable("NAME")`.
//!
//! What the two buckets hold of them, and the requests that registry-svc answers about them. A secret travels sealed to
//! auth-svc's key, under its own name; only the run that uses it gets it, sealed to its runner's key.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{SettingId, TokenId, WorkflowId};
use crate::rpc::Rpc;
use crate::subjects::request_subject;
use crate::v1::registry::Page;
use crate::v1::views::Sealed;

macro_rules! rpc {
    ($message:ty, $verb:literal, $idempotent:literal, $reply:ty) => {
        impl Rpc for $message {
            const SUBJECT: &'static str = request_subject!("registry", $verb);
            const IDEMPOTENT: bool = $idempotent;
            type Reply = $reply;
        }
    };
}

/// What a setting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    /// Write-only; `secret("NAME")`.
    Secret,
    /// Readable; `variable("NAME")`.
    Variable,
}

impl SettingKind {
    /// The word that people use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Variable => "variable",
        }
    }
}

/// The names that scripts use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingUses {
    /// Those of secrets.
    pub secrets: BTreeSet<String>,
    /// Those of variables, as far as they are written out.
    pub variables: BTreeSet<String>,
}

impl SettingUses {
    /// Whether none is used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty() && self.variables.is_empty()
    }

    /// Takes others in.
    pub fn extend(&mut self, other: &Self) {
        self.secrets.extend(other.secrets.iter().cloned());
        self.variables.extend(other.variables.iter().cloned());
    }

    /// The names of one kind.
    #[must_use]
    pub const fn of(&self, kind: SettingKind) -> &BTreeSet<String> {
        match kind {
            SettingKind::Secret => &self.secrets,
            SettingKind::Variable => &self.variables,
        }
    }
}

/// Whether a text can name a secret or a variable: a letter or `_`, then up to 63 letters, digits and `_`.
#[must_use]
pub fn is_setting_name(text: &str) -> bool {
    let mut letters = text.bytes();
    let first = letters.next();
    first.is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && text.len() <= 64
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
}

/// What auth-svc needs of a secret: the value in [`crate::subjects::SECRETS_BUCKET`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretView {
    /// The secret.
    pub id: SettingId,
    /// Its name, for which its value was sealed.
    pub name: String,
    /// Grows with every change of any secret or variable.
    pub revision: u64,
    /// Its value, sealed to auth-svc.
    pub sealed: Sealed,
}

/// What gateways and runners need of a variable: the value in [`crate::subjects::VARIABLES_BUCKET`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableView {
    /// The variable.
    pub id: SettingId,
    /// Its name.
    pub name: String,
    /// Grows with every change of any secret or variable.
    pub revision: u64,
    /// Its value.
    pub value: String,
}

/// A new value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingValue {
    /// Of a secret, sealed to auth-svc under its name.
    Secret(Sealed),
    /// Of a variable.
    Variable(String),
}

impl SettingValue {
    /// What it is a value of.
    #[must_use]
    pub const fn kind(&self) -> SettingKind {
        match self {
            Self::Secret(_) => SettingKind::Secret,
            Self::Variable(_) => SettingKind::Variable,
        }
    }
}

impl std::fmt::Debug for SettingValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SettingValue({})", self.kind().as_str())
    }
}

/// A secret or variable as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingInfo {
    /// Its id.
    pub id: SettingId,
    /// Its name.
    pub name: String,
    /// The value of a variable; none of a secret, ever.
    pub value: Option<String>,
    /// Changes whenever the value does.
    pub etag: String,
    /// When it was last set, in milliseconds since the Unix epoch.
    pub updated_at_ms: i64,
    /// Who set it.
    pub updated_by: TokenId,
    /// The workflows that name it, in the order of their names.
    pub used_by: Vec<SettingUser>,
}

/// A workflow that names a secret or variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingUser {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// Its name.
    pub name: String,
    /// Whether its draft does.
    pub draft: bool,
    /// Whether its published version does.
    pub published: bool,
}

/// What came of a [`PutSetting`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingPut {
    /// The setting as it is now.
    pub info: SettingInfo,
    /// Whether it is new.
    pub created: bool,
}

/// Sets a secret or variable, new or not. In use everywhere before it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutSetting {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: SettingValue,
    /// The etag that it must have; `*` for any, which means that it must be there; none for whatever is there.
    pub if_match: Option<String>,
    /// Who sets it.
    pub actor: TokenId,
}

rpc!(PutSetting, "setting.put", false, SettingPut);

/// Deletes a secret or variable. Refused with `conflict` where a published version uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteSetting {
    /// What it is.
    pub kind: SettingKind,
    /// Its name.
    pub name: String,
    /// As in [`PutSetting`].
    pub if_match: Option<String>,
    /// Delete it also where a published version uses it.
    pub force: bool,
}

rpc!(DeleteSetting, "setting.delete", false, ());

/// One secret or variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetSetting {
    /// What it is.
    pub kind: SettingKind,
    /// Its name.
    pub name: String,
}

rpc!(GetSetting, "setting.get", true, SettingInfo);

/// A page of secrets or variables in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSettings {
    /// What they are.
    pub kind: SettingKind,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// How many at most.
    pub limit: u32,
}

rpc!(ListSettings, "setting.list", true, Page<SettingInfo>);

/// The sealed secrets of these names, as far as there are any; for auth-svc, whose own knowledge may be behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindSecrets {
    /// Their names.
    pub names: BTreeSet<String>,
}

rpc!(FindSecrets, "setting.find_secrets", true, Vec<SecretView>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_of_letters_digits_and_underscores() {
        for good in ["A", "_", "a1_B", &"x".repeat(64)] {
            assert!(is_setting_name(good), "{good}");
        }
        for bad in ["", "1A", "A-B", "A B", "Ä", "A.B", "A\n", &"x".repeat(65)] {
            assert!(!is_setting_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_new_value_does_not_show() {
        let value = SettingValue::Variable("hidden".to_owned());
        assert_eq!(format!("{value:?}"), "SettingValue(variable)");
    }
}
