//! The identifiers of the platform. Each is a UUID, so each is a safe NATS subject token.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid, Variant, Version};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id! {
    /// One execution of one published version for one request (UUIDv7).
    RunId
}
id! {
    /// A workflow, from its creation to its deletion.
    WorkflowId
}
id! {
    /// A listener as the gateway sees it. Logs, traces and errors show this id, never the URL.
    EndpointId
}
id! {
    /// One process of a service, new at each start.
    InstanceId
}
id! {
    /// A secret or a variable, from its creation to its deletion.
    SettingId
}
id! {
    /// An API token. The token itself is a secret; its id is not.
    TokenId
}
id! {
    /// One HTTP request, as `X-Request-Id` shows it (UUIDv7).
    RequestId
}

impl RunId {
    /// The id of a run that is the same whoever starts it: from a moment, in milliseconds since the Unix epoch, by which it
    /// sorts, and a digest of what it is for.
    #[must_use]
    pub fn drawn(at_ms: i64, digest: [u8; 32]) -> Self {
        let mut bytes = [0; 16];
        let (time, rest) = bytes.split_at_mut(6);
        let [_, _, at @ ..] = at_ms.to_be_bytes();
        time.copy_from_slice(&at);
        for (byte, drawn) in rest.iter_mut().zip(digest) {
            *byte = drawn;
        }
        let builder = Builder::from_bytes(bytes).with_version(Version::SortRand);
        Self(builder.with_variant(Variant::RFC4122).into_uuid())
    }
}

/// The SHA-256 of a published document's canonical content: the address of an immutable version.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash(pub [u8; 32]);

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

impl Serialize for ContentHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_bytes::serialize(self.0.as_slice(), serializer)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes: serde_bytes::ByteArray<32> = Deserialize::deserialize(deserializer)?;
        Ok(Self(bytes.into_array()))
    }
}

/// A text that is no [`ContentHash`]: not 64 hexadecimal digits.
#[derive(Debug, thiserror::Error)]
#[error("a content hash is 64 hexadecimal digits")]
pub struct ContentHashError;

impl FromStr for ContentHash {
    type Err = ContentHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        hex::<32>(text).map(Self).ok_or(ContentHashError)
    }
}

/// The secret pair of hashes in an endpoint's URL, `/listener/{first}/{second}`.
///
/// Whoever knows the pair may call the endpoint, so `Debug` never shows it and there is no `Display`;
/// [`UrlHashes::path`] is the one way to its text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UrlHashes {
    first: [u8; 16],
    second: [u8; 16],
}

impl UrlHashes {
    /// A pair from 256 random bits.
    #[must_use]
    pub const fn new(first: [u8; 16], second: [u8; 16]) -> Self {
        Self { first, second }
    }

    /// Reads the two path segments. `None` unless each is 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(first: &str, second: &str) -> Option<Self> {
        if first
            .bytes()
            .chain(second.bytes())
            .any(|byte| byte.is_ascii_uppercase())
        {
            return None;
        }
        Some(Self {
            first: hex(first)?,
            second: hex(second)?,
        })
    }

    /// The path that callers use: `/listener/{first}/{second}`.
    #[must_use]
    pub fn path(&self) -> String {
        let segment = |bytes: &[u8; 16]| Uuid::from_bytes(*bytes).simple().to_string();
        format!(
            "/listener/{}/{}",
            segment(&self.first),
            segment(&self.second)
        )
    }
}

impl fmt::Debug for UrlHashes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UrlHashes(hidden)")
    }
}

/// `N` bytes from exactly `2 * N` hexadecimal digits.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        let digit = |character: u8| char::from(character).to_digit(16);
        *byte = u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_of_hashes_reads_back_from_its_path_and_never_shows_in_debug() {
        let hashes = UrlHashes::new([0xab; 16], [0x01; 16]);
        let path = hashes.path();
        let mut segments = path.split('/').skip(2);
        let read = UrlHashes::parse(segments.next().unwrap(), segments.next().unwrap());
        assert_eq!(read, Some(hashes));
        assert!(!format!("{hashes:?}").contains("ab"));
    }

    #[test]
    fn upper_case_short_and_foreign_hashes_are_no_pair() {
        let good = "0123456789abcdef0123456789abcdef";
        assert!(UrlHashes::parse(good, good).is_some());
        assert!(UrlHashes::parse(&good.to_uppercase(), good).is_none());
        assert!(UrlHashes::parse("123456789abcdef0123456789abcdef", good).is_none());
        assert!(UrlHashes::parse("0123456789abcdef0123456789abcdeg", good).is_none());
        assert!(UrlHashes::parse("é123456789abcdef0123456789abcde", good).is_none());
    }

    #[test]
    fn a_content_hash_reads_back_from_its_text() {
        let hash = ContentHash([7; 32]);
        assert_eq!(hash.to_string().parse::<ContentHash>().unwrap(), hash);
        assert!("07".parse::<ContentHash>().is_err());
    }
}
