//! Credentials on their way out of a document: sealed here, opened by auth-svc alone.

use rand::distr::{Alphanumeric, SampleString};
use script::{ScriptsBuilder, Target};
use seal::{SealError, seal, setting};
use serde_json::{Map, Value};
use shared::v1::auth::{CredentialUses, PublicKey, SealedCredentials};
use shared::v1::settings::SettingUses;

/// How many characters a generated credential has.
const GENERATED: usize = 50;

/// What an author wrote, in plain text. It is sealed and dropped at once.
#[derive(Default)]
pub(super) struct Credentials {
    key: Option<String>,
    secret: Option<String>,
    previous: Option<(String, i64)>,
}

impl Credentials {
    /// Takes the credentials out of a document; none where one of them is malformed. Nothing of these settings ever
    /// stays in a document, so what cannot be stored has to be refused here: a publish would not see it any more.
    pub(super) fn take(document: &mut Value) -> Option<Self> {
        let listener = document
            .pointer_mut("/spec/listener")
            .and_then(Value::as_object_mut);
        let Some(listener) = listener else {
            return Some(Self::default());
        };
        let (key, secret, old) = (
            listener.remove(setting::KEY),
            listener.remove(setting::SECRET),
            listener.remove(setting::PREVIOUS_SECRET),
        );
        Some(Self {
            key: key.map_or(Some(None), |key| text(key).map(Some))?,
            secret: secret.map_or(Some(None), |secret| text(secret).map(Some))?,
            previous: old.map_or(Some(None), |old| previous(old).map(Some))?,
        })
    }

    /// A freshly generated pair.
    pub(super) fn generate() -> Self {
        let fresh = || Alphanumeric.sample_string(&mut rand::rng(), GENERATED);
        Self {
            key: Some(fresh()),
            secret: Some(fresh()),
            previous: None,
        }
    }

    /// The credentials that only auth-svc can read, with the names of the secrets and variables that they use: nobody could
    /// see these later.
    ///
    /// # Errors
    /// [`SealError`] where its public key is not usable.
    pub(super) fn seal(&self, key: &PublicKey) -> Result<SealedCredentials, SealError> {
        let one = |name: &str, value: &str| seal(key, name, value.as_bytes());
        let given = |name: &str, value: &Option<String>| {
            value.as_deref().map(|value| one(name, value)).transpose()
        };
        let previous = self.previous.as_ref().map(|(secret, until_ms)| {
            one(setting::PREVIOUS_SECRET, secret).map(|sealed| (sealed, *until_ms))
        });
        Ok(SealedCredentials {
            endpoint_key: given(setting::KEY, &self.key)?,
            endpoint_secret: given(setting::SECRET, &self.secret)?,
            previous_secret: previous.transpose()?,
            uses: CredentialUses {
                endpoint_key: used(self.key.as_deref()),
                endpoint_secret: used(self.secret.as_deref()),
                previous_secret: used(self.previous.as_ref().map(|(secret, _)| secret.as_str())),
            },
        })
    }

    /// The generated credentials that were taken, for their author to see this once.
    pub(super) fn shown(self, took_key: bool, took_secret: bool) -> Option<Value> {
        let mut shown = Map::new();
        if let (true, Some(key)) = (took_key, self.key) {
            shown.insert(setting::KEY.to_owned(), Value::String(key));
        }
        if let (true, Some(secret)) = (took_secret, self.secret) {
            shown.insert(setting::SECRET.to_owned(), Value::String(secret));
        }
        (!shown.is_empty()).then_some(Value::Object(shown))
    }
}

/// What a script uses. One that does not compile uses nothing; a publish refuses it.
fn used(source: Option<&str>) -> SettingUses {
    let Some(source) = source.filter(|source| source.contains("{{") || source.contains("{%"))
    else {
        return SettingUses::default();
    };
    let mut scripts = ScriptsBuilder::new();
    let Ok(id) = scripts.add(source, Target::Text) else {
        return SettingUses::default();
    };
    let named = scripts.build().settings(id);
    SettingUses {
        secrets: named.secrets,
        variables: named.variables,
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn previous(mut value: Value) -> Option<(String, i64)> {
    let fields = value.as_object_mut()?;
    let expires_at: jiff::Timestamp = fields.get("expires_at")?.as_str()?.parse().ok()?;
    Some((text(fields.remove("secret")?)?, expires_at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use seal::PrivateKey;
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_of_the_credentials_stays_in_the_document() {
        let mut document = json!({"spec": {"listener": {
            "return_type": "data",
            "endpoint_key": "issuer",
            "endpoint_secret_previous": {"secret": "old", "expires_at": "2026-12-01T00:00:00Z"},
        }}});
        let taken = Credentials::take(&mut document).unwrap();
        assert_eq!(
            document,
            json!({"spec": {"listener": {"return_type": "data"}}})
        );
        assert_eq!(taken.key.as_deref(), Some("issuer"));
        assert_eq!(taken.secret, None);
        assert_eq!(taken.previous, Some(("old".to_owned(), 1_796_083_200_000)));
    }

    #[test]
    fn a_malformed_credential_is_no_credential_and_does_not_stay_either() {
        for listener in [
            json!({"endpoint_key": 5}),
            json!({"endpoint_secret": null}),
            json!({"endpoint_secret_previous": {"secret": "old", "expires_at": "tomorrow"}}),
            json!({"endpoint_secret_previous": "old"}),
        ] {
            let mut document = json!({"spec": {"listener": listener}});
            assert!(Credentials::take(&mut document).is_none(), "{listener}");
            assert_eq!(document, json!({"spec": {"listener": {}}}));
        }
    }

    #[test]
    fn what_is_sealed_opens_for_its_own_setting_alone() {
        let private = PrivateKey::generate();
        let sealed = Credentials::generate().seal(private.public()).unwrap();
        let key = sealed.endpoint_key.unwrap();
        let opened = seal::open(&private, setting::KEY, &key).unwrap();
        assert_eq!(opened.expose().len(), GENERATED);
        assert!(opened.expose().iter().all(u8::is_ascii_alphanumeric));
        assert!(seal::open(&private, setting::SECRET, &key).is_err());
    }

    #[test]
    fn what_the_scripts_use_is_told_beside_them() {
        let mut document = json!({"spec": {"listener": {
            "endpoint_key": "{{ variable('ISSUER') }}",
            "endpoint_secret": "{{ secret('JWT') }}",
            "endpoint_secret_previous":
                {"secret": "{{ secret('OLD'", "expires_at": "2026-12-01T00:00:00Z"},
        }}});
        let taken = Credentials::take(&mut document).unwrap();
        let uses = taken.seal(PrivateKey::generate().public()).unwrap().uses;
        assert_eq!(uses.endpoint_key.variables, ["ISSUER".to_owned()].into());
        assert_eq!(uses.endpoint_secret.secrets, ["JWT".to_owned()].into());
        assert!(uses.previous_secret.is_empty(), "it does not compile");
        let generated = Credentials::generate().seal(PrivateKey::generate().public());
        assert!(generated.unwrap().uses.all().is_empty());
    }

    #[test]
    fn only_what_was_taken_is_shown() {
        assert_eq!(Credentials::generate().shown(false, false), None);
        let shown = Credentials::generate().shown(true, false).unwrap();
        assert!(shown.get("endpoint_key").is_some());
        assert!(shown.get("endpoint_secret").is_none());
    }
}
