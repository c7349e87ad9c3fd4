//! Sealed credentials: whoever has the public key may seal a value, only the holder of the private key may open it.
//!
//! It is HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20-Poly1305. The name of
//! the setting is authenticated with the value, so that a sealed value opens for the setting that it was sealed for and
//! for no other. The gateway seals what an author gives; auth-svc alone opens it. The secrets of a run it seals anew, to
//! the key of the runner.

mod key;
mod secret;
pub mod setting;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal,
};
use shared::v1::auth::PublicKey;
use shared::v1::views::Sealed;

pub use key::{KeyError, PrivateKey};
pub use secret::Secret;

/// What ties a sealed value to this use, and to the version of the contract.
const INFO: &[u8] = b"earshot/v1/credentials";

/// Why a value cannot be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The public key is not an X25519 public key.
    #[error("the public key is not 32 bytes of X25519")]
    PublicKey,
    /// The library refused; a key of low order is the one known reason.
    #[error("the value cannot be sealed to this public key")]
    Refused,
}

/// Why a sealed value cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It was sealed to another key.
    #[error("it was sealed to key {sealed_to:08x}, and the key here is {here:08x}")]
    OtherKey {
        /// The id of the key that it was sealed to.
        sealed_to: u32,
        /// The id of the key at hand.
        here: u32,
    },
    /// It was changed, or sealed for another setting.
    #[error("it is damaged, or was sealed for another setting")]
    Damaged,
}

/// Seals `plaintext` for `setting`, one of [`setting`]'s names, with fresh randomness of the operating system.
///
/// # Panics
/// When the operating system gives no randomness.
///
/// # Errors
/// [`SealError`] when the public key is not usable.
pub fn seal(public: &PublicKey, setting: &str, plaintext: &[u8]) -> Result<Sealed, SealError> {
    let recipient = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&public.key)
        .map_err(|_| SealError::PublicKey)?;
    let (encapsulated, ciphertext) =
        single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &recipient,
            INFO,
            plaintext,
            setting.as_bytes(),
        )
        .map_err(|_| SealError::Refused)?;
    Ok(Sealed {
        key_id: public.key_id,
        encapsulated: encapsulated.to_bytes().to_vec(),
        ciphertext,
    })
}

/// Opens what was sealed for `setting`.
///
/// # Errors
/// [`OpenError`] when it was sealed to another key or for another setting, or was changed since.
pub fn open(private: &PrivateKey, setting: &str, sealed: &Sealed) -> Result<Secret, OpenError> {
    let here = private.public().key_id;
    if sealed.key_id != here {
        let sealed_to = sealed.key_id;
        return Err(OpenError::OtherKey { sealed_to, here });
    }
    let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&sealed.encapsulated);
    let encapsulated = encapsulated.map_err(|_| OpenError::Damaged)?;
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        private.inner(),
        &encapsulated,
        INFO,
        &sealed.ciphertext,
        setting.as_bytes(),
    )
    .map(Secret::new)
    .map_err(|_| OpenError::Damaged)
}

#[cfg(test)]
mod tests;
