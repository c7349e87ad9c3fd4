//! Could tokens be checked against these credentials? Asked before a publish.

use std::sync::Arc;

use seal::{PrivateKey, setting};
use shared::v1::auth::CredentialProblem;
use shared::v1::views::CredentialsView;

use super::opened::SHORTEST_SECRET;
use super::rendering::Rendering;
use super::values::Values;

/// How to mend a value that cannot be used.
const WRITE: &str = "write the value itself, or the name of a secret: {{ secret(\"NAME\") }}";

/// Everything that is wrong with credentials; nothing where they can be used.
pub(crate) fn check(key: &PrivateKey, view: &CredentialsView) -> Vec<CredentialProblem> {
    let values = match Values::open(key, view) {
        Ok(values) => Arc::new(values),
        Err(fault) => {
            let what = format!("a secret that is used cannot be opened: {fault}");
            let hint = "set each secret that is used anew";
            return vec![problem(setting::SECRET, &what, hint)];
        }
    };
    let mut all = vec![
        (setting::KEY, &view.endpoint_key, 1),
        (setting::SECRET, &view.endpoint_secret, SHORTEST_SECRET),
    ];
    if let Some((sealed, _)) = &view.previous_secret {
        all.push((setting::PREVIOUS_SECRET, sealed, SHORTEST_SECRET));
    }
    let problems =
        all.into_iter().filter_map(|(setting, sealed, shortest)| {
            match Rendering::open(key, setting, sealed, values.clone()) {
                Ok(rendering) => judge(&rendering, setting, shortest),
                Err(fault) => Some(problem(setting, &fault.to_string(), fault.mend())),
            }
        });
    problems.collect()
}

/// The first thing that is wrong with what was rendered.
fn judge(rendering: &Rendering, setting: &str, shortest: usize) -> Option<CredentialProblem> {
    let (message, hint) = if rendering.reads_request() {
        (
            "it reads `__data`, and a caller must never choose what it is checked against",
            WRITE,
        )
    } else if rendering.uses_unknown_names() {
        ("it uses a name that nothing defines", WRITE)
    } else if rendering.computes_names() {
        (
            "it computes the name of a variable",
            "write the name itself, in quotes: variable(\"NAME\")",
        )
    } else if rendering.is_nothing() {
        ("it renders to nothing, and would refuse every token", WRITE)
    } else if rendering.varies() {
        (
            "it does not render to the same text every time",
            "use neither the time nor anything random in it",
        )
    } else if rendering.text().len() < shortest {
        (
            "it is shorter than 32 bytes once rendered",
            "use 32 bytes or more, such as `openssl rand -hex 32` makes",
        )
    } else {
        return None;
    };
    Some(problem(setting, message, hint))
}

fn problem(setting: &str, message: &str, hint: &str) -> CredentialProblem {
    CredentialProblem {
        setting: setting.to_owned(),
        message: message.to_owned(),
        hint: hint.to_owned(),
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
        let mut view = view(&key, issuer, secret);
        use_values(&key, &mut view);
        let found = check(&key, &view);
        assert!(found.iter().all(|problem| !problem.hint.is_empty()));
        found
            .into_iter()
            .map(|problem| (problem.setting, problem.message))
            .collect()
    }

    fn use_values(key: &PrivateKey, view: &mut CredentialsView) {
        let sealed = |name, value: &str| {
            seal::seal(key.public(), &setting::secret(name), value.as_bytes()).unwrap()
        };
        view.secrets = [
            ("JWT".to_owned(), sealed("JWT", SECRET)),
            ("SHORT".to_owned(), sealed("SHORT", "short")),
        ]
        .into();
        view.variables = [("ISSUER".to_owned(), ISSUER.to_owned())].into();
    }

    #[test]
    fn good_credentials_have_no_problem() {
        assert_eq!(problems(ISSUER, SECRET), []);
        assert_eq!(problems("{{ 'iss' ~ 'uer' }}", SECRET), []);
        assert_eq!(problems("i", &"s".repeat(32)), []);
        assert_eq!(
            problems("{{ variable('ISSUER') }}", "{{ secret('JWT') }}"),
            []
        );
    }

    #[test]
    fn a_secret_that_was_sealed_under_another_name_cannot_be_used() {
        let key = PrivateKey::from_bytes(&KEY).unwrap();
        let mut view = view(&key, ISSUER, "{{ secret('OTHER') }}");
        use_values(&key, &mut view);
        let moved = view.secrets.remove("JWT").unwrap();
        view.secrets.insert("OTHER".to_owned(), moved);
        let found = check(&key, &view);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].message.contains("cannot be opened"), "{found:?}");
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
                "there is no secret `NAME`",
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
            one_problem(issuer, secret, setting, message);
        }
    }

    fn one_problem(issuer: &str, secret: &str, setting: &str, message: &str) {
        let found = problems(issuer, secret);
        assert_eq!(found.len(), 1, "{issuer} {secret}: {found:?}");
        assert_eq!(found[0].0, setting);
        assert!(found[0].1.contains(message), "{found:?}");
        assert!(!found[0].1.contains("short'"), "{found:?}");
    }

    #[test]
    fn what_secrets_and_variables_make_unfit_is_told_as_well() {
        let cases = [
            (
                "{{ variable('NAME') }}",
                SECRET,
                "endpoint_key",
                "there is no variable `NAME`",
            ),
            (
                "{{ variable('NA' ~ 'ME') }}",
                SECRET,
                "endpoint_key",
                "computes the name",
            ),
            (
                ISSUER,
                "{{ 1|fail }}{{ secret('SHORT' ~ 'ER') }}",
                "endpoint_secret",
                "does not compile",
            ),
            (
                ISSUER,
                "{{ secret('SHORT') }}",
                "endpoint_secret",
                "shorter than 32 bytes",
            ),
        ];
        for (issuer, secret, setting, message) in cases {
            one_problem(issuer, secret, setting, message);
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
