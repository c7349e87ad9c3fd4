//! The right to fetch a kept reply: a JWT that only auth-svc signs and checks.

use hkdf::Hkdf;
use jsonwebtoken::DecodingKey;
use seal::PrivateKey;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use shared::ids::{EndpointId, RunId};
use shared::v1::auth::{ReplyRight, SignReplyLink, SignedToken};
use shared::v1::reply::Failure;
use zeroize::Zeroizing;

use crate::jwt::{Compact, sign};

/// What ties the derived key to this use.
const INFO: &[u8] = b"earshot/v1/reply-link";

/// The audience that tells such a token from any other.
const AUDIENCE: &str = "reply";

/// Signs and checks reply links, with a key derived (HKDF-SHA256, RFC 5869) from the service's own: every instance that
/// has the same private key takes the links of the others.
pub(crate) struct ReplyLinks {
    key: Zeroizing<[u8; 32]>,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    aud: String,
    run: RunId,
    endpoint: EndpointId,
    exp: i64,
}

impl ReplyLinks {
    /// Derives the key.
    pub(crate) fn new(own: &PrivateKey) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        let derived = Hkdf::<Sha256>::new(None, own.to_bytes().expose()).expand(INFO, key.as_mut());
        // Only a key of more than 255 blocks can fail.
        debug_assert!(derived.is_ok());
        Self { key }
    }

    /// Signs a link.
    pub(crate) fn sign(&self, link: &SignReplyLink) -> Result<SignedToken, Failure> {
        let claims = Claims {
            aud: AUDIENCE.to_owned(),
            run: link.run_id,
            endpoint: link.endpoint_id,
            exp: link.expires_at,
        };
        sign(&claims, self.key.as_ref())
    }

    /// What a link gives the right to at `now_ms`, in milliseconds since the Unix epoch; none where it is not ours, was
    /// changed, or is past its end. There is no leeway: the clock that signed it is the one that checks it.
    pub(crate) fn check(&self, token: &str, now_ms: i64) -> Option<ReplyRight> {
        let token = Compact::read(token)?;
        if !token.is_signed_with(&DecodingKey::from_secret(self.key.as_ref())) {
            return None;
        }
        let claims: Claims = serde_json::from_slice(&token.into_payload()).ok()?;
        let good = claims.aud == AUDIENCE && now_ms.div_euclid(1000) < claims.exp;
        good.then_some(ReplyRight {
            run_id: claims.run,
            endpoint_id: claims.endpoint,
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn link() -> SignReplyLink {
        SignReplyLink {
            run_id: RunId(Uuid::from_u128(1)),
            endpoint_id: EndpointId(Uuid::from_u128(2)),
            expires_at: 1_000,
        }
    }

    #[test]
    fn a_link_gives_its_right_until_its_end_at_every_instance_with_the_same_key() {
        let own = PrivateKey::from_bytes(&[7; 32]).unwrap();
        let token = ReplyLinks::new(&own).sign(&link()).unwrap().token;
        let right = ReplyRight {
            run_id: link().run_id,
            endpoint_id: link().endpoint_id,
        };
        let elsewhere = ReplyLinks::new(&PrivateKey::from_bytes(&[7; 32]).unwrap());
        assert_eq!(elsewhere.check(&token, 999_999), Some(right));
        assert_eq!(elsewhere.check(&token, 1_000_000), None);
    }

    #[test]
    fn a_link_of_another_key_or_for_another_use_gives_no_right() {
        let links = ReplyLinks::new(&PrivateKey::from_bytes(&[7; 32]).unwrap());
        let other = ReplyLinks::new(&PrivateKey::from_bytes(&[8; 32]).unwrap());
        assert_eq!(links.check(&other.sign(&link()).unwrap().token, 0), None);
        let claims = serde_json::json!({
            "aud": "other", "run": link().run_id, "endpoint": link().endpoint_id, "exp": 1_000,
        });
        let token = sign(&claims, links.key.as_ref()).unwrap().token;
        assert_eq!(links.check(&token, 0), None);
        assert_eq!(links.check("no token", 0), None);
    }

    #[test]
    fn the_key_of_links_is_not_the_private_key() {
        let own = PrivateKey::from_bytes(&[7; 32]).unwrap();
        let links = ReplyLinks::new(&own);
        assert_ne!(links.key.as_slice(), own.to_bytes().expose());
        assert_ne!(links.key.as_slice(), [0; 32]);
    }
}
