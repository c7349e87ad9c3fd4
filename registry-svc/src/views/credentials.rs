//! What auth-svc needs of a version. Nothing here can be opened by registry-svc.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use shared::frame::{self, FrameError};
use shared::ids::{ContentHash, EndpointId};
use shared::v1::auth::SealedCredentials;
use shared::v1::views::CredentialsView;

/// The view of an endpoint's credentials, without the values of secrets and variables; none where there is no key or no
/// secret.
///
/// Its revision is the SHA-256 of the view packed with a revision of zeros. Sealing the same secret again gives another
/// ciphertext, and so another revision: to registry-svc the two look like two secrets.
///
/// # Errors
/// [`FrameError::Encode`] when the view cannot be packed.
pub fn credentials_view(
    endpoint_id: EndpointId,
    credentials: &SealedCredentials,
    require_exp: bool,
) -> Result<Option<CredentialsView>, FrameError> {
    let (Some(endpoint_key), Some(endpoint_secret)) =
        (&credentials.endpoint_key, &credentials.endpoint_secret)
    else {
        return Ok(None);
    };
    let view = CredentialsView {
        endpoint_id,
        revision: ContentHash([0; 32]),
        endpoint_key: endpoint_key.clone(),
        endpoint_secret: endpoint_secret.clone(),
        previous_secret: credentials.previous_secret.clone(),
        require_exp,
        secrets: BTreeMap::new(),
        variables: BTreeMap::new(),
    };
    revised(view).map(Some)
}

/// The view with its revision.
pub(super) fn revised(mut view: CredentialsView) -> Result<CredentialsView, FrameError> {
    view.revision = ContentHash([0; 32]);
    view.revision = ContentHash(Sha256::digest(frame::pack(&view)?).into());
    Ok(view)
}

/// The revision that a draft's credentials would have; none where authentication is off or they are incomplete.
///
/// # Errors
/// [`FrameError::Encode`] when the view cannot be packed.
pub fn draft_revision(
    endpoint_id: EndpointId,
    credentials: &SealedCredentials,
    authentication: bool,
    require_exp: bool,
) -> Result<Option<ContentHash>, FrameError> {
    if !authentication {
        return Ok(None);
    }
    Ok(credentials_view(endpoint_id, credentials, require_exp)?.map(|view| view.revision))
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn everything_in_the_view_makes_another_revision() {
        let endpoint = EndpointId(Uuid::from_u128(1));
        let base = SealedCredentials {
            endpoint_key: Some(sealed(1)),
            endpoint_secret: Some(sealed(2)),
            ..Default::default()
        };
        let revision = |endpoint, credentials: &SealedCredentials, require_exp| {
            credentials_view(endpoint, credentials, require_exp)
                .unwrap()
                .unwrap()
                .revision
        };
        let key = SealedCredentials {
            endpoint_key: Some(sealed(3)),
            ..base.clone()
        };
        let secret = SealedCredentials {
            endpoint_secret: Some(sealed(3)),
            ..base.clone()
        };
        let previous = SealedCredentials {
            previous_secret: Some((sealed(3), 4)),
            ..base.clone()
        };
        let revisions = [
            revision(endpoint, &base, true),
            revision(endpoint, &base, false),
            revision(EndpointId(Uuid::from_u128(2)), &base, true),
            revision(endpoint, &key, true),
            revision(endpoint, &secret, true),
            revision(endpoint, &previous, true),
        ];
        for (at, one) in revisions.iter().enumerate() {
            assert!(!revisions[..at].contains(one), "{at}");
        }
        assert_eq!(revision(endpoint, &base, true), revisions[0]);
    }

    #[test]
    fn without_a_key_or_a_secret_there_is_no_view() {
        let endpoint = EndpointId(Uuid::from_u128(1));
        let only_key = SealedCredentials {
            endpoint_key: Some(sealed(1)),
            ..Default::default()
        };
        let only_secret = SealedCredentials {
            endpoint_secret: Some(sealed(1)),
            ..Default::default()
        };
        for credentials in [only_key, only_secret, SealedCredentials::default()] {
            assert_eq!(
                credentials_view(endpoint, &credentials, true).unwrap(),
                None
            );
        }
    }
}
