//! What the operator sets.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// The section `runner`; each key is described in `defaults.toml`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How many runs with a waiting caller it takes at once.
    pub capacity: usize,
    /// How many runs from the work queue it carries out at once.
    pub async_runs: usize,
    /// How many workflow versions it keeps ready.
    pub versions_kept: u64,
    /// Networks beside the public internet that authors' requests may reach.
    pub allowed_networks: Vec<IpNet>,
    /// The largest response that is read, in bytes.
    pub max_response_bytes: usize,
    /// How long a run may take in all, in seconds.
    pub run_seconds: u64,
}
