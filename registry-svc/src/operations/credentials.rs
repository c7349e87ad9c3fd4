//! Which credentials a saved draft has.

use shared::v1::auth::{CredentialUses, SealedCredentials};
use shared::v1::registry::Draft;
use shared::v1::settings::SettingUses;

/// The credentials of a draft, and which of the offered ones are among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Merged {
    pub(super) credentials: SealedCredentials,
    pub(super) took_key: bool,
    pub(super) took_secret: bool,
}

/// What the author gives counts, then what is stored, then, where authentication is on, what is offered.
///
/// A new secret ends the previous one unless the author gives that as well: who replaces a leaked secret must be able
/// to end it at once. Turning authentication off keeps the credentials for when it is turned on again.
pub(super) fn merge(stored: SealedCredentials, draft: &Draft, authentication: bool) -> Merged {
    let given = draft.given.clone();
    let offered = draft.offered.clone();
    let (previous_secret, previous_uses) = match (&given.endpoint_secret, given.previous_secret) {
        (_, Some(previous)) => (Some(previous), given.uses.previous_secret),
        (Some(_), None) => (None, SettingUses::default()),
        (None, None) => (stored.previous_secret, stored.uses.previous_secret),
    };
    // What a script uses goes with it.
    let either = |is_given: bool, given: SettingUses, stored| if is_given { given } else { stored };
    let uses = CredentialUses {
        endpoint_key: either(
            given.endpoint_key.is_some(),
            given.uses.endpoint_key,
            stored.uses.endpoint_key,
        ),
        endpoint_secret: either(
            given.endpoint_secret.is_some(),
            given.uses.endpoint_secret,
            stored.uses.endpoint_secret,
        ),
        previous_secret: previous_uses,
    };
    let mut credentials = SealedCredentials {
        endpoint_key: given.endpoint_key.or(stored.endpoint_key),
        endpoint_secret: given.endpoint_secret.or(stored.endpoint_secret),
        previous_secret,
        uses,
    };
    let (mut took_key, mut took_secret) = (false, false);
    if authentication && credentials.endpoint_key.is_none() {
        took_key = offered.endpoint_key.is_some();
        credentials.endpoint_key = offered.endpoint_key;
    }
    if authentication && credentials.endpoint_secret.is_none() {
        took_secret = offered.endpoint_secret.is_some();
        credentials.endpoint_secret = offered.endpoint_secret;
    }
    Merged {
        credentials,
        took_key,
        took_secret,
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::TokenId;
    use shared::v1::views::Sealed;
    use uuid::Uuid;

    use super::*;

    fn sealed(byte: u8) -> Sealed {
        Sealed {
            key_id: 1,
            encapsulated: vec![byte],
            ciphertext: vec![byte],
        }
    }

    fn credentials(key: u8, secret: u8, previous: u8) -> SealedCredentials {
        let some = |byte: u8| (byte > 0).then(|| sealed(byte));
        SealedCredentials {
            endpoint_key: some(key),
            endpoint_secret: some(secret),
            previous_secret: some(previous).map(|sealed| (sealed, 9)),
            uses: CredentialUses::default(),
        }
    }

    /// The same, with a secret of its own name for each.
    fn using(mut credentials: SealedCredentials, of: &str) -> SealedCredentials {
        let uses = |is_there: bool, setting: &str| SettingUses {
            secrets: is_there
                .then(|| format!("{of}_{setting}"))
                .into_iter()
                .collect(),
            ..SettingUses::default()
        };
        credentials.uses = CredentialUses {
            endpoint_key: uses(credentials.endpoint_key.is_some(), "KEY"),
            endpoint_secret: uses(credentials.endpoint_secret.is_some(), "SECRET"),
            previous_secret: uses(credentials.previous_secret.is_some(), "PREVIOUS"),
        };
        credentials
    }

    fn merged(stored: SealedCredentials, given: SealedCredentials, authentication: bool) -> Merged {
        let offered = credentials(100, 101, 0);
        let draft = Draft {
            document: String::new(),
            given,
            offered,
            actor: TokenId(Uuid::nil()),
            uses: SettingUses::default(),
        };
        merge(stored, &draft, authentication)
    }

    #[test]
    fn offered_ones_are_taken_where_authentication_is_on_and_nothing_else_is_there() {
        let none = SealedCredentials::default;
        assert_eq!(
            merged(none(), none(), false),
            Merged {
                credentials: none(),
                took_key: false,
                took_secret: false
            }
        );
        assert_eq!(
            merged(none(), none(), true),
            Merged {
                credentials: credentials(100, 101, 0),
                took_key: true,
                took_secret: true
            }
        );
        assert_eq!(
            merged(credentials(0, 2, 0), credentials(3, 0, 0), true),
            Merged {
                credentials: credentials(3, 2, 0),
                took_key: false,
                took_secret: false
            }
        );
        assert_eq!(
            merged(none(), credentials(3, 0, 0), true),
            Merged {
                credentials: credentials(3, 101, 0),
                took_key: false,
                took_secret: true
            }
        );
    }

    #[test]
    fn what_a_credential_uses_goes_with_it() {
        let stored = || using(credentials(1, 2, 3), "OLD");
        let used = |given| {
            let all = merged(stored(), using(given, "NEW"), true).credentials.uses;
            all.all().secrets.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(
            used(credentials(0, 0, 0)),
            ["OLD_KEY", "OLD_PREVIOUS", "OLD_SECRET"]
        );
        assert_eq!(used(credentials(0, 4, 0)), ["NEW_SECRET", "OLD_KEY"]);
        assert_eq!(
            used(credentials(6, 0, 5)),
            ["NEW_KEY", "NEW_PREVIOUS", "OLD_SECRET"]
        );
    }

    #[test]
    fn stored_ones_stay_while_nothing_is_given_also_without_authentication() {
        for authentication in [true, false] {
            let merged = merged(
                credentials(1, 2, 3),
                SealedCredentials::default(),
                authentication,
            );
            assert_eq!(merged.credentials, credentials(1, 2, 3));
        }
    }

    #[test]
    fn a_new_secret_ends_the_previous_one_unless_the_author_gives_that_too() {
        let stored = || credentials(1, 2, 3);
        assert_eq!(
            merged(stored(), credentials(0, 4, 0), true).credentials,
            credentials(1, 4, 0)
        );
        assert_eq!(
            merged(stored(), credentials(0, 4, 2), true).credentials,
            credentials(1, 4, 2)
        );
        assert_eq!(
            merged(stored(), credentials(0, 0, 5), true).credentials,
            credentials(1, 2, 5)
        );
        assert_eq!(
            merged(stored(), credentials(6, 0, 0), true).credentials,
            credentials(6, 2, 3)
        );
    }
}
