//! Resume URLs: the right to write one letter to a run, a JWT that only auth-svc signs and checks.

use hkdf::Hkdf;
use jsonwebtoken::DecodingKey;
use seal::PrivateKey;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use shared::ids::RunId;
use shared::v1::auth::{CallbackRight, CallbackTerms, SignCallbackLink, SignedToken};
use shared::v1::reply::Failure;
use zeroize::Zeroizing;

use crate::jwt::{Compact, sign};

/// What ties the derived key to this use.
const INFO: &[u8] = b"earshot/v1/callback-link";

/// The audience that tells such a token from any other.
const AUDIENCE: &str = "callback";

/// Signs and checks resume URLs, with a key derived (HKDF-SHA256, RFC 5869) from the service's own: every instance that has
/// the same private key takes the URLs of the others.
pub(crate) struct CallbackLinks {
    key: Zeroizing<[u8; 32]>,
}

/// Short names: the token is a part of a URL.
#[derive(Serialize, Deserialize)]
struct Claims {
    aud: String,
    run: RunId,
    at: String,
    exp: i64,
    terms: CallbackTerms,
}

impl CallbackLinks {
    /// Derives the key.
    pub(crate) fn new(own: &PrivateKey) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        let derived = Hkdf::<Sha256>::new(None, own.to_bytes().expose()).expand(INFO, key.as_mut());
        // Only a key of more than 255 blocks can fail.
        debug_assert!(derived.is_ok());
        Self { key }
    }

    /// Signs a link. The same link is the same text, whoever asks.
    pub(crate) fn sign(&self, link: SignCallbackLink) -> Result<SignedToken, Failure> {
        let claims = Claims {
            aud: AUDIENCE.to_owned(),
            run: link.run_id,
            at: link.place,
            exp: link.expires_at,
            terms: link.terms,
        };
        sign(&claims, self.key.as_ref())
    }

    /// What a link gives the right to at `now_ms`, in milliseconds since the Unix epoch; none where it is not ours, was
    /// changed, or is past its end.
    pub(crate) fn check(&self, token: &str, now_ms: i64) -> Option<CallbackRight> {
        let token = Compact::read(token)?;
        if !token.is_signed_with(&DecodingKey::from_secret(self.key.as_ref())) {
            return None;
        }
        let claims: Claims = serde_json::from_slice(&token.into_payload()).ok()?;
        let good = claims.aud == AUDIENCE && now_ms.div_euclid(1000) < claims.exp;
        good.then_some(CallbackRight {
            run_id: claims.run,
            place: claims.at,
            terms: claims.terms,
        })
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::EndpointId;
    use shared::v1::auth::SignReplyLink;
    use uuid::Uuid;

    use super::*;
    use crate::reply_link::ReplyLinks;

    fn link() -> SignCallbackLink {
        SignCallbackLink {
            run_id: RunId(Uuid::from_u128(1)),
            place: "approval".to_owned(),
            expires_at: 1_000,
            terms: CallbackTerms {
                journalled: true,
                methods: vec!["POST".to_owned()],
                max_body_bytes: 10,
                status: 200,
                body: Some("thanks".to_owned()),
            },
        }
    }

    #[test]
    fn a_link_gives_its_right_until_its_end_at_every_instance_with_the_same_key() {
        let own = PrivateKey::from_bytes(&[7; 32]).unwrap();
        let token = CallbackLinks::new(&own).sign(link()).unwrap().token;
        let right = CallbackRight {
            run_id: link().run_id,
            place: link().place,
            terms: link().terms,
        };
        let elsewhere = CallbackLinks::new(&PrivateKey::from_bytes(&[7; 32]).unwrap());
        assert_eq!(elsewhere.check(&token, 999_999), Some(right));
        assert_eq!(elsewhere.check(&token, 1_000_000), None);
    }

    #[test]
    fn a_link_of_another_key_or_for_another_use_gives_no_right() {
        let own = PrivateKey::from_bytes(&[7; 32]).unwrap();
        let links = CallbackLinks::new(&own);
        let other = CallbackLinks::new(&PrivateKey::from_bytes(&[8; 32]).unwrap());
        assert_eq!(links.check(&other.sign(link()).unwrap().token, 0), None);
        let reply = SignReplyLink {
            run_id: link().run_id,
            endpoint_id: EndpointId(Uuid::from_u128(2)),
            expires_at: 1_000,
        };
        let reply = ReplyLinks::new(&own).sign(&reply).unwrap().token;
        assert_eq!(links.check(&reply, 0), None);
        let token = links.sign(link()).unwrap().token;
        assert_eq!(ReplyLinks::new(&own).check(&token, 0), None);
        assert_eq!(links.check("no token", 0), None);
    }
}
