//! Which credentials a saved draft has.

use shared::v1::auth::SealedCredentials;
use shared::v1::registry::Draft;

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
    let previous_secret = match (&given.endpoint_secret, given.previous_secret) {
        (_, Some(previous)) => Some(previous),
        (Some(_), None) => None,
        (None, None) => stored.previous_secret,
    };
    let mut credentials = SealedCredentials {
        endpoint_key: given.endpoint_key.or(stored.endpoint_key),
        endpoint_secret: given.endpoint_secret.or(stored.endpoint_secret),
        previous_secret,
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
        }
    }

    fn merged(stored: SealedCredentials, given: SealedCredentials, authentication: bool) -> Merged {
        let offered = credentials(100, 101, 0);
        let draft = Draft {
            document: String::new(),
            given,
            offered,
            actor: TokenId(Uuid::nil()),
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
