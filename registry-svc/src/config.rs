//! What the section `[registry]` holds.

use std::time::Duration;

use bus::topology::Storage;
use ops::{Secret, StartError};
use serde::Deserialize;

use crate::store::Target;

/// The settings of registry-svc; `defaults.toml` says what each means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The database. A secret, since it may hold a password.
    pub database_url: Secret,
    /// How many copies JetStream keeps.
    pub replicas: usize,
    /// The most bytes of accepted runs.
    pub runs_bytes: i64,
    /// How long a runner may be silent about a run out of the queue, in seconds.
    pub ack_wait_seconds: u64,
    /// How many days the run log goes back.
    pub run_log_days: u32,
    /// The most bytes of the run log that wait to be stored.
    pub run_log_bytes: i64,
    /// How many requests may be in work at once.
    pub permits: usize,
}

impl Config {
    /// The database that the URL names.
    pub(crate) fn target(&self) -> Result<Target, StartError> {
        self.database_url.expose().parse()
    }

    /// What JetStream may use.
    pub(crate) fn storage(&self) -> Result<Storage, StartError> {
        if !(1..=5).contains(&self.replicas) {
            return Err(StartError::config("registry.replicas: must be 1 to 5"));
        }
        if self.runs_bytes < 1024 * 1024 {
            return Err(StartError::config(
                "registry.runs_bytes: must be 1048576 (1 MiB) or more",
            ));
        }
        if !(1..=3600).contains(&self.ack_wait_seconds) {
            return Err(StartError::config(
                "registry.ack_wait_seconds: must be 1 to 3600",
            ));
        }
        if !(1..=3650).contains(&self.run_log_days) {
            return Err(StartError::config(
                "registry.run_log_days: must be 1 to 3650",
            ));
        }
        if self.run_log_bytes < 16 * 1024 * 1024 {
            return Err(StartError::config(
                "registry.run_log_bytes: must be 16777216 (16 MiB) or more",
            ));
        }
        if self.permits == 0 {
            return Err(StartError::config("registry.permits: must be 1 or more"));
        }
        Ok(Storage {
            replicas: self.replicas,
            runs_bytes: self.runs_bytes,
            ack_wait: Duration::from_secs(self.ack_wait_seconds),
            run_log_bytes: self.run_log_bytes,
            run_log_age: Duration::from_secs(u64::from(self.run_log_days) * 24 * 60 * 60),
        })
    }
}
