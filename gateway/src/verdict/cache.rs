//! Positive verdicts, each bound to endpoint, credentials and token.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use shared::ids::{ContentHash, EndpointId};
use shared::limits::VERDICT_SECONDS;

/// How many verdicts are kept.
const ENTRIES: u64 = 100_000;

/// What a verdict is about. Other credentials make another key, so a rotated secret takes effect at once.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    endpoint: EndpointId,
    credentials: ContentHash,
    token: [u8; 32],
}

impl Key {
    pub(super) fn new(endpoint: EndpointId, credentials: ContentHash, token: &str) -> Self {
        Self {
            endpoint,
            credentials,
            token: Sha256::digest(token).into(),
        }
    }
}

#[derive(Clone)]
struct Kept {
    claims: Arc<str>,
    until_ms: i64,
}

/// The verdicts.
pub(super) struct Cache {
    kept: moka::sync::Cache<Key, Kept>,
}

impl Cache {
    pub(super) fn new() -> Self {
        let lifetime = Duration::from_secs(VERDICT_SECONDS);
        let kept = moka::sync::Cache::builder()
            .max_capacity(ENTRIES)
            .time_to_live(lifetime)
            .build();
        Self { kept }
    }

    /// The claims of a token that was found good, while that holds.
    pub(super) fn get(&self, key: &Key, now_ms: i64) -> Option<Arc<str>> {
        let kept = self.kept.get(key)?;
        (now_ms < kept.until_ms).then_some(kept.claims)
    }

    /// Keeps a yes until `keep_until` (seconds since the Unix epoch), and never longer than the limit.
    pub(super) fn put(&self, key: Key, claims: Arc<str>, keep_until: Option<i64>, now_ms: i64) {
        let longest = now_ms.saturating_add(i64::try_from(VERDICT_SECONDS * 1_000).unwrap_or(0));
        let own = keep_until.map_or(i64::MAX, |seconds| seconds.saturating_mul(1_000));
        let until_ms = own.min(longest);
        if now_ms < until_ms {
            self.kept.insert(key, Kept { claims, until_ms });
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn key(credentials: u8, token: &str) -> Key {
        Key::new(
            EndpointId(Uuid::nil()),
            ContentHash([credentials; 32]),
            token,
        )
    }

    #[test]
    fn a_verdict_holds_for_its_token_and_credentials_alone() {
        let cache = Cache::new();
        cache.put(key(1, "a"), "{}".into(), None, 0);
        assert!(cache.get(&key(1, "a"), 1).is_some());
        assert!(cache.get(&key(1, "b"), 1).is_none());
        assert!(cache.get(&key(2, "a"), 1).is_none());
    }

    #[test]
    fn a_verdict_ends_with_its_token_and_after_thirty_seconds_at_most() {
        let cache = Cache::new();
        cache.put(key(1, "short"), "{}".into(), Some(5), 0);
        assert!(cache.get(&key(1, "short"), 4_999).is_some());
        assert!(cache.get(&key(1, "short"), 5_000).is_none());
        cache.put(key(1, "long"), "{}".into(), Some(500), 0);
        assert!(cache.get(&key(1, "long"), 29_999).is_some());
        assert!(cache.get(&key(1, "long"), 30_000).is_none());
        cache.put(key(1, "over"), "{}".into(), Some(-1), 0);
        assert!(cache.get(&key(1, "over"), 0).is_none());
    }
}
