//! Every row of the promise about JWTs, and vectors that nobody here wrote.

mod flipped;
mod header;
mod secrets;
mod times;
mod vectors;
mod words;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use serde_json::{Value, json};
use shared::v1::auth::Denial;

use super::verdict::Good;
use super::{Checker, Rules, Secrets};
use crate::credentials::samples::{ISSUER, SECRET};

/// Now, in seconds since the Unix epoch.
const NOW: i64 = 1_800_000_000;

fn checker() -> Checker {
    Checker {
        secrets: Secrets {
            current: Some(DecodingKey::from_secret(SECRET.as_bytes())),
            previous: None,
        },
        rules: Rules {
            issuer: ISSUER.to_owned(),
            require_exp: true,
        },
    }
}

/// A token of these texts, signed as the algorithm says whatever the header says.
fn signed_as(algorithm: Algorithm, header: &str, payload: &[u8], secret: &str) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let key = EncodingKey::from_secret(secret.as_bytes());
    let signature = crypto::sign(signed.as_bytes(), &key, algorithm).unwrap();
    format!("{signed}.{signature}")
}

/// A token of these texts, signed with HS256 and the current secret.
fn signed(header: &str, payload: &str) -> String {
    signed_as(Algorithm::HS256, header, payload.as_bytes(), SECRET)
}

/// A token with these claims that is well signed.
fn with(claims: &Value) -> String {
    signed(r#"{"alg":"HS256","typ":"JWT"}"#, &claims.to_string())
}

/// Good claims.
fn claims() -> Value {
    json!({"iss": ISSUER, "sub": "42", "exp": NOW + 300})
}

/// Good claims with one member set to something else.
fn but(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn judge(token: &str) -> Result<Good, Denial> {
    checker().judge(token, NOW * 1000 + 999)
}
