//! The key pair that credentials are sealed to.

use std::fmt;

use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, Serializable};
use sha2::{Digest, Sha256};
use shared::v1::auth::PublicKey;

use crate::secret::Secret;

type Inner = <X25519HkdfSha256 as Kem>::PrivateKey;

/// An X25519 private key (RFC 7748). `Debug` shows its public id alone.
#[derive(Clone)]
pub struct PrivateKey {
    inner: Inner,
    public: PublicKey,
}

/// Bytes that are no private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a private key is 32 bytes, not {found}")]
pub struct KeyError {
    /// How many bytes there were.
    pub found: usize,
}

impl PrivateKey {
    /// A new key from the randomness of the operating system.
    ///
    /// # Panics
    /// When the operating system gives none.
    #[must_use]
    pub fn generate() -> Self {
        let (private, public) = X25519HkdfSha256::gen_keypair();
        Self::of(private, &public)
    }

    /// The key of these 32 bytes; they are clamped as RFC 7748 says.
    ///
    /// # Errors
    /// [`KeyError`] when they are not 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let private = Inner::from_bytes(bytes).map_err(|_| KeyError { found: bytes.len() })?;
        let public = X25519HkdfSha256::sk_to_pk(&private);
        Ok(Self::of(private, &public))
    }

    /// The 32 bytes that [`PrivateKey::from_bytes`] reads.
    #[must_use]
    pub fn to_bytes(&self) -> Secret {
        Secret::new(self.inner.to_bytes().to_vec())
    }

    /// The public key with its id: the first four bytes, big-endian, of its SHA-256.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    fn of(inner: Inner, public: &<X25519HkdfSha256 as Kem>::PublicKey) -> Self {
        let key = public.to_bytes().to_vec();
        let hash: [u8; 32] = Sha256::digest(&key).into();
        let [a, b, c, d, ..] = hash;
        let key_id = u32::from_be_bytes([a, b, c, d]);
        Self {
            inner,
            public: PublicKey { key_id, key },
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({:08x})", self.public.key_id)
    }
}
