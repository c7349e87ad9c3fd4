//! What a service is told before it starts.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::secret::{Secret, without_credentials};

/// The effective configuration of one service.
#[derive(Clone, Debug)]
pub struct Settings<C> {
    /// Where the bus is: section `[nats]`.
    pub nats: NatsSettings,
    /// Logging, the ops port and the drain: section `[ops]`.
    pub ops: OpsSettings,
    /// The service's own section.
    pub service: C,
}

/// Where nats-server is and who the service is there. Secrets are left out of `Debug`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NatsSettings {
    /// One or several addresses, separated by commas: `nats://host:port`, or `tls://host:port` for TLS.
    pub url: String,
    /// The user's name, with `password`.
    #[serde(default)]
    pub user: Option<String>,
    /// The user's password.
    #[serde(default)]
    pub password: Option<Secret>,
    /// A file that holds the seed of the service's nkey.
    #[serde(default)]
    pub nkey_seed_file: Option<PathBuf>,
    /// How long the first connection may take, in seconds.
    pub connect_timeout: u64,
}

impl NatsSettings {
    /// Settings for a server that asks for no user, with 10 seconds to connect.
    #[must_use]
    pub fn plain(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            user: None,
            password: None,
            nkey_seed_file: None,
            connect_timeout: 10,
        }
    }

    /// How long the first connection may take.
    #[must_use]
    pub fn connect_timeout(&self) -> Duration {
        Duration::from_secs(self.connect_timeout)
    }
}

impl fmt::Debug for NatsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsSettings")
            .field("url", &without_credentials(&self.url))
            .field("user", &self.user)
            .field("password", &self.password)
            .field("nkey_seed_file", &self.nkey_seed_file)
            .field("connect_timeout", &self.connect_timeout)
            .finish()
    }
}

/// How a service is watched and stopped.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpsSettings {
    /// Where `/livez`, `/readyz` and `/metrics` answer; nowhere when not set. Port 0 takes a free one.
    #[serde(default)]
    pub address: Option<SocketAddr>,
    /// What is logged: a level, or levels by target (`info,bus=debug`).
    #[serde(deserialize_with = "crate::telemetry::filter")]
    pub log: String,
    /// How a log line looks.
    pub log_format: LogFormat,
    /// How long work in flight may go on after a signal to stop, in seconds.
    pub drain_seconds: u64,
}

impl OpsSettings {
    /// How long work in flight may go on after a signal to stop.
    #[must_use]
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }
}

impl Default for OpsSettings {
    /// No ops port, `info` as JSON, 30 seconds to drain.
    fn default() -> Self {
        Self {
            address: None,
            log: "info".to_owned(),
            log_format: LogFormat::Json,
            drain_seconds: 30,
        }
    }
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object to a line, for machines.
    Json,
    /// A line for people.
    Text,
}
