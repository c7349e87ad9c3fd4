//! Tokens: good ones, and every kind of bad one.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

pub use jsonwebtoken::Algorithm;

/// Now, in seconds since 1970, as `exp`, `nbf` and `iat` count.
#[must_use]
pub fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970");
    i64::try_from(since.as_secs()).expect("the clock is not that far")
}

/// Claims that an endpoint takes: `iss`, and `exp` in five minutes.
#[must_use]
pub fn claims(issuer: &str) -> Value {
    json!({ "iss": issuer, "exp": now() + 300 })
}

/// A token by HS256 that an endpoint with this key and secret takes.
#[must_use]
pub fn good(endpoint_key: &str, endpoint_secret: &str) -> String {
    mint(
        Algorithm::HS256,
        endpoint_secret.as_bytes(),
        &claims(endpoint_key),
    )
}

/// A well-formed token with these claims.
#[must_use]
pub fn mint(algorithm: Algorithm, secret: &[u8], claims: &Value) -> String {
    jsonwebtoken::encode(
        &Header::new(algorithm),
        claims,
        &EncodingKey::from_secret(secret),
    )
    .expect("claims are JSON")
}

/// A token whose header and claims are the given texts, well-formed or not, with the right signature of `algorithm`
/// over them: a `crit` header, claims that are no JSON, an `alg` that is not the one used.
#[must_use]
pub fn signed(algorithm: Algorithm, secret: &[u8], header: &str, claims: &str) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = sign(
        message.as_bytes(),
        &EncodingKey::from_secret(secret),
        algorithm,
    )
    .expect("an HMAC takes any secret");
    format!("{message}.{signature}")
}

/// A token that says `"alg": "none"` and has no signature.
#[must_use]
pub fn unsigned(claims: &Value) -> String {
    raw(&[
        &encode(r#"{"alg":"none","typ":"JWT"}"#),
        &encode(claims.to_string()),
        "",
    ])
}

/// Any parts, joined by dots: two or four of them, bad base64, an empty one.
#[must_use]
pub fn raw(parts: &[&str]) -> String {
    parts.join(".")
}

/// Base64url without padding (RFC 7515, section 2), as a token's parts are written.
#[must_use]
pub fn encode(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation, decode};

    use super::*;

    const SECRET: &[u8] = b"a secret of thirty-two bytes or more";

    fn accepted(token: &str, algorithm: Algorithm) -> bool {
        let key = DecodingKey::from_secret(SECRET);
        decode::<Value>(token, &key, &Validation::new(algorithm)).is_ok()
    }

    #[test]
    fn a_minted_token_is_accepted_by_its_own_algorithm_alone() {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let token = mint(algorithm, SECRET, &claims("key"));
            assert!(accepted(&token, algorithm));
            let other = if algorithm == Algorithm::HS256 {
                Algorithm::HS512
            } else {
                Algorithm::HS256
            };
            assert!(!accepted(&token, other));
        }
    }

    #[test]
    fn a_signature_over_given_texts_is_the_right_one() {
        let claims = claims("key").to_string();
        let token = signed(Algorithm::HS256, SECRET, r#"{"alg":"HS256"}"#, &claims);
        assert!(accepted(&token, Algorithm::HS256));
    }

    #[test]
    fn a_token_without_a_signature_is_accepted_by_nobody() {
        let token = unsigned(&claims("key"));
        assert!(token.ends_with('.'));
        assert!(!accepted(&token, Algorithm::HS256));
    }
}
