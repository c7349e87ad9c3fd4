//! Signing with HS256.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;
use shared::codes::Code;
use shared::v1::auth::SignedToken;
use shared::v1::reply::Failure;

/// Signs claims into the compact form.
pub(crate) fn sign<C: Serialize>(claims: &C, secret: &[u8]) -> Result<SignedToken, Failure> {
    let signed = encode(
        &Header::new(Algorithm::HS256),
        claims,
        &EncodingKey::from_secret(secret),
    );
    match signed {
        Ok(token) => Ok(SignedToken { token }),
        Err(error) => {
            tracing::error!(%error, "a token could not be signed");
            Err(Failure::new(
                Code::Internal,
                "the token could not be signed",
            ))
        }
    }
}
