//! Could tokens be checked against these credentials? Asked before a publish.

use seal::{PrivateKey, setting};
use shared::v1::auth::CredentialProblem;
use shared::v1::views::{CredentialsView, Sealed};

use super::opened::SHORTEST_SECRET;
use super::rendering::Rendering;

/// Everything that is wrong with credentials; nothing where they can be used.
pub(crate) fn check(key: &PrivateKey, view: &CredentialsView) -> Vec<CredentialProblem> {
    let mut problems = Vec::new();
    one(&mut problems, key, setting::KEY, &view.endpoint_key, 1);
    one(
        &mut problems,
        key,
        setting::SECRET,
        &view.endpoint_secret,
        SHORTEST_SECRET,
    );
    if let Some((sealed, _)) = &view.previous_secret {
        one(
            &mut problems,
            key,
            setting::PREVIOUS_SECRET,
            sealed,
            SHORTEST_SECRET,
        );
    }
    problems
}

fn one(
    problems: &mut Vec<CredentialProblem>,
    key: &PrivateKey,
    setting: &str,
    sealed: &Sealed,
    shortest: usize,
) {
    let mut add = |message: &str, hint: &str| {
        problems.push(CredentialProblem {
            setting: setting.to_owned(),
            message: message.to_owned(),
            hint: hint.to_owned(),
        });
    };
    let rendering = match Rendering::open(key, setting, sealed) {
        Ok(rendering) => rendering,
        Err(fault) => return add(&fault.to_string(), fault.mend()),
    };
    if rendering.reads_request() {
        return add(
            "it reads `__data`, and a caller must never choose what it is checked against",
            "it is rendered without request data: write the value itself",
        );
    }
    if rendering.uses_unknown_names() {
        return add(
            "it uses a name that nothing defines",
            "write the value itself",
        );
    }
    if rendering.is_nothing() {
        return add(
            "it renders to nothing, and would refuse every token",
            "write the value itself",
        );
    }
    if rendering.varies() {
        return add(
            "it does not render to the same text every time",
            "use neither the time nor anything random in it",
        );
    }
    if rendering.text().len() < shortest {
        add(
            "it is shorter than 32 bytes once rendered",
            "use 32 bytes or more, such as `openssl rand -hex 32` makes",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::samples::{ISSUER, SECRET, view};

    const KEY: [u8; 32] = [5; 32];

    /// The settings and messages of what is wrong with a key and a secret.
    fn problems(issuer: &str, secret: &str) -> Vec<(String, String)> {
        let key = PrivateKey::from_bytes(&KEY).unwrap();
        let found = check(&key, &view(&key, issuer, secret));
        assert!(found.iter().all(|problem| !problem.hint.is_empty()));
        found
            .into_iter()
            .map(|problem| (problem.setting, problem.message))
            .collect()
    }

    #[test]
    fn good_credentials_have_no_problem() {
        assert_eq!(problems(ISSUER, SECRET), []);
        assert_eq!(problems("{{ 'iss' ~ 'uer' }}", SECRET), []);
        assert_eq!(problems("i", &"s".repeat(32)), []);
    }

    #[test]
    fn each_mistake_is_told_with_its_setting_and_without_the_value() {
        let cases = [
            ("{{ 1 +", SECRET, "endpoint_key", "does not compile"),
            (
                ISSUER,
                "{% if %}{{ abc",
                "endpoint_secret",
                "does not compile",
            ),
            ("{{ __data.iss }}", SECRET, "endpoint_key", "__data"),
            (
                ISSUER,
                "{{ __data.__headers.secret }}",
                "endpoint_secret",
                "__data",
            ),
            ("{{ issuer }}", SECRET, "endpoint_key", "nothing defines"),
            ("", SECRET, "endpoint_key", "renders to nothing"),
            ("{{ '' }} ", SECRET, "endpoint_key", "renders to nothing"),
            (ISSUER, "", "endpoint_secret", "renders to nothing"),
            (
                "{{ now('Y') }}",
                SECRET,
                "endpoint_key",
                "same text every time",
            ),
            (
                ISSUER,
                "{{ uuid() }}",
                "endpoint_secret",
                "same text every time",
            ),
            (
                ISSUER,
                "{{ secret('NAME') }}",
                "endpoint_secret",
                "fails when it runs",
            ),
            (
                ISSUER,
                "{{ no_such('NAME') }}",
                "endpoint_secret",
                "does not compile",
            ),
            (
                ISSUER,
                "{{ 'short' }}",
                "endpoint_secret",
                "shorter than 32 bytes",
            ),
            (
                ISSUER,
                "0123456789012345678901234567890",
                "endpoint_secret",
                "shorter than 32 bytes",
            ),
        ];
        for (issuer, secret, setting, message) in cases {
            let found = problems(issuer, secret);
            assert_eq!(found.len(), 1, "{issuer} {secret}: {found:?}");
            assert_eq!(found[0].0, setting);
            assert!(found[0].1.contains(message), "{found:?}");
            assert!(!found[0].1.contains("short'"), "{found:?}");
        }
    }

    #[test]
    fn every_setting_is_looked_at() {
        let key = PrivateKey::from_bytes(&KEY).unwrap();
        let mut all = view(&key, "", "");
        let previous = seal::seal(key.public(), setting::PREVIOUS_SECRET, b"short").unwrap();
        all.previous_secret = Some((previous, 0));
        let settings: Vec<_> = check(&key, &all)
            .into_iter()
            .map(|problem| problem.setting)
            .collect();
        assert_eq!(
            settings,
            [setting::KEY, setting::SECRET, setting::PREVIOUS_SECRET]
        );
    }

    #[test]
    fn what_was_sealed_to_another_key_cannot_be_published() {
        let other = PrivateKey::from_bytes(&[6; 32]).unwrap();
        let found = check(
            &PrivateKey::from_bytes(&KEY).unwrap(),
            &view(&other, ISSUER, SECRET),
        );
        assert_eq!(found.len(), 2);
        assert!(found[0].message.contains("sealed to key"));
        assert!(found[0].hint.contains("private key"));
    }
}
