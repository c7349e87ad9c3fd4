//! The compact form of a signed token (RFC 7515 section 7.1).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::Value;
use shared::limits;

use super::members::Members;

/// A token in its parts. Nothing about it is to be trusted before [`Compact::is_signed_with`] said yes.
pub(crate) struct Compact<'a> {
    signed: &'a str,
    signature: &'a str,
    algorithm: Algorithm,
    payload: Vec<u8>,
}

impl<'a> Compact<'a> {
    /// Takes a token apart: three parts of strict base64url without padding, 8 KiB at most, and a header that asks for
    /// HS256, HS384 or HS512 and for nothing that would have to be understood. None for anything else.
    pub(crate) fn read(token: &'a str) -> Option<Self> {
        if token.len() > limits::MAX_TOKEN {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        // A further dot would be found by the decoder, since no part may hold one.
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let header = String::from_utf8(URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        let algorithm = algorithm(&Members::read(&header)?)?;
        Some(Self {
            signed,
            signature,
            algorithm,
            payload,
        })
    }

    /// Whether the token was signed with this key. The signatures are compared in constant time.
    pub(crate) fn is_signed_with(&self, key: &DecodingKey) -> bool {
        crypto::verify(self.signature, self.signed.as_bytes(), key, self.algorithm).unwrap_or(false)
    }

    /// The payload, decoded.
    pub(crate) fn into_payload(self) -> Vec<u8> {
        self.payload
    }
}

/// What the header asks for, where it may. `kid`, `jwk`, `jku`, `x5u` and the like are passed over: which key counts is
/// never the caller's choice.
fn algorithm(header: &Members) -> Option<Algorithm> {
    if header.get("crit").is_some() || header.get("b64").is_some() {
        return None;
    }
    match header.get("alg").and_then(Value::as_str)? {
        "HS256" => Some(Algorithm::HS256),
        "HS384" => Some(Algorithm::HS384),
        "HS512" => Some(Algorithm::HS512),
        _ => None,
    }
}
