//! What the run log keeps of a workflow's runs.

use serde::{Deserialize, Serialize};

use super::Keep;

/// How much of each body the run log keeps where the author says nothing, in bytes.
pub const DEFAULT_KEPT_BODY_BYTES: u32 = 16 * 1024;

/// The most that it may keep of each body, in bytes.
pub const MAX_KEPT_BODY_BYTES: u32 = 256 * 1024;

/// What the run log keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunLog {
    /// Of which runs.
    pub keep: Keep,
    /// How much of each body or value, in bytes.
    pub max_body_bytes: u32,
}

impl Default for RunLog {
    fn default() -> Self {
        Self {
            keep: Keep::default(),
            max_body_bytes: DEFAULT_KEPT_BODY_BYTES,
        }
    }
}
