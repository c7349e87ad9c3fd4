//! What the operator sets.

use std::time::Duration;

use crate::publish::check_pattern;
use ipnet::IpNet;
use script::Bounds;
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
    /// An asynchronous run that so many attempts in a row brought no step further is put aside.
    pub max_attempts: u32,
    /// An asynchronous run that has nothing to do for so many seconds leaves its runner until then.
    pub park_after_seconds: u32,
    /// The address that callers use, without a trailing slash: resume URLs begin with it.
    pub public_url: String,
    /// The subjects that `publish_message` steps may publish on, as NATS has its patterns.
    pub publish_subjects: Vec<String>,
    /// How many instructions one evaluation of a script may take.
    pub script_fuel: u64,
    /// How many bytes one script may render.
    pub script_output_bytes: usize,
    /// How many values one list may have that a script makes.
    pub script_list_items: usize,
    /// How long one evaluation of a heavy script may take, in milliseconds.
    pub script_milliseconds: u64,
}

impl Config {
    /// Checks what the types alone do not.
    ///
    /// # Errors
    /// A sentence that names the setting and what is wrong with it.
    pub(crate) fn check(&self) -> Result<(), String> {
        let url = &self.public_url;
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err("runner.public_url begins with neither http:// nor https://".to_owned());
        }
        self.publish_subjects
            .iter()
            .try_for_each(|pattern| check_pattern(pattern))
    }

    /// What one evaluation of a script may cost.
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds {
            fuel: self.script_fuel,
            output_bytes: self.script_output_bytes,
            list_items: self.script_list_items,
            ..Bounds::default()
        }
    }

    /// How long one evaluation of a heavy script may take.
    pub(crate) fn script_time(&self) -> Duration {
        Duration::from_millis(self.script_milliseconds)
    }
}
