//! Shared memory: the values in [`crate::subjects::MEMORY_BUCKET`].

use serde::{Deserialize, Serialize};

/// A value with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryValue {
    /// The name; the bucket's key is a hash of it.
    pub name: String,
    /// The value as JSON text.
    pub value: String,
    /// From when on it counts as gone, in milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
    /// The last additions, oldest first: each with its id and what the number was then, so that one that is asked for
    /// again is not made twice.
    #[serde(default)]
    pub added: Vec<(String, i64)>,
}
