//! The text of an API token.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ops::clock;
use sha2::{Digest, Sha256};
use shared::ids::TokenId;
use shared::v1::auth::{Role, TokenInfo};
use shared::v1::registry::TokenRecord;
use uuid::Uuid;
use zeroize::Zeroizing;

/// What every token begins with, so that one that leaked is recognised by those who look for such.
const PREFIX: &str = "ear_";

/// 256 bits in base64url.
const DIGITS: usize = 43;

/// SHA-256 of a token. A token has 256 random bits, so that no slower hash is needed.
pub(crate) type Hash = [u8; 32];

/// An API token: `ear_` and 43 characters of base64url. `Debug` never shows it.
pub(crate) struct ApiToken(Zeroizing<String>);

impl ApiToken {
    /// A new one from 256 random bits.
    pub(crate) fn random() -> Self {
        let bits = Zeroizing::new(rand::random::<[u8; 32]>());
        let digits = Zeroizing::new(URL_SAFE_NO_PAD.encode(bits.as_slice()));
        Self(Zeroizing::new(format!("{PREFIX}{}", digits.as_str())))
    }

    /// Takes a text that looks like a token; none for any other.
    pub(crate) fn read(text: String) -> Option<Self> {
        let text = Zeroizing::new(text);
        let digits = text.strip_prefix(PREFIX)?;
        let fits = digits.len() == DIGITS
            && digits
                .bytes()
                .all(|digit| digit.is_ascii_alphanumeric() || matches!(digit, b'-' | b'_'));
        fits.then_some(Self(text))
    }

    /// The token, for the one place that shows it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub(crate) fn hash(&self) -> Hash {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// A record of it, made now.
    pub(crate) fn record(
        &self,
        name: String,
        role: Role,
        expires_at_ms: Option<i64>,
    ) -> TokenRecord {
        TokenRecord {
            hash: self.hash().to_vec(),
            info: TokenInfo {
                id: TokenId(Uuid::now_v7()),
                name,
                role,
                created_at_ms: clock::now_ms(),
                expires_at_ms,
            },
        }
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiToken(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_token_reads_back_and_never_shows_in_debug() {
        let token = ApiToken::random();
        assert_eq!(token.expose().len(), 47);
        let again = ApiToken::read(token.expose().to_owned()).unwrap();
        assert_eq!(again.hash(), token.hash());
        assert_ne!(ApiToken::random().hash(), token.hash());
        assert_eq!(format!("{token:?}"), "ApiToken(hidden)");
    }

    #[test]
    fn what_does_not_look_like_a_token_is_none() {
        let good = format!("ear_{}", "a".repeat(43));
        assert!(ApiToken::read(good.clone()).is_some());
        for bad in [
            String::new(),
            good.to_uppercase(),
            good.replace("ear_", ""),
            format!("{good}a"),
            good.replace('a', "="),
        ] {
            assert!(ApiToken::read(bad.clone()).is_none(), "{bad}");
        }
    }

    /// The hash is what registry-svc finds a token by, so it can never change.
    #[test]
    fn the_stored_hash_is_the_sha_256_of_the_whole_text() {
        let token = ApiToken::read(format!("ear_{}", "A".repeat(43))).unwrap();
        let expected: Hash = Sha256::digest(format!("ear_{}", "A".repeat(43))).into();
        assert_eq!(token.hash(), expected);
    }
}
