//! Credentials for tests.

use std::collections::BTreeMap;

use seal::{PrivateKey, setting};
use shared::ids::{ContentHash, EndpointId};
use shared::v1::views::CredentialsView;
use uuid::Uuid;

/// An issuer.
pub(crate) const ISSUER: &str = "acme-billing";

/// A secret of 50 characters, as generated ones are.
pub(crate) const SECRET: &str = "q3ZK8hTn1YwVd0LrXb6CsPm9EuJf2AgWo7NxRk5ItQyHv4MjBc";

/// A second one.
pub(crate) const OTHER_SECRET: &str = "Zp7RtV2kQmX9cNwB4hJy6LsD1fGa8UeKo3iWxTq5PrMvHj0CnY";

/// The credentials of endpoint 1, at revision 1.
pub(crate) fn view(key: &PrivateKey, issuer: &str, secret: &str) -> CredentialsView {
    let seal = |setting, text: &str| seal::seal(key.public(), setting, text.as_bytes()).unwrap();
    CredentialsView {
        endpoint_id: EndpointId(Uuid::from_u128(1)),
        revision: ContentHash([1; 32]),
        endpoint_key: seal(setting::KEY, issuer),
        endpoint_secret: seal(setting::SECRET, secret),
        previous_secret: None,
        require_exp: true,
        secrets: BTreeMap::new(),
        variables: BTreeMap::new(),
    }
}
