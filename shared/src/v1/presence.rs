//! Who is there. Published every [`crate::limits::PRESENCE_EVERY`] milliseconds.

use serde::{Deserialize, Serialize};

use crate::ids::InstanceId;

/// A runner that takes runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerPresence {
    /// The runner.
    pub runner: InstanceId,
    /// The release that it runs.
    pub build: String,
    /// The lane that it serves.
    pub lane: String,
    /// How many synchronous runs it takes at once.
    pub capacity: u32,
    /// How many it holds now.
    pub in_flight: u32,
    /// Whether it is about to leave and takes nothing new.
    pub draining: bool,
    /// The revision of the variables bucket up to which its scripts read.
    #[serde(default)]
    pub variables_revision: u64,
}

/// A gateway that serves endpoints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayPresence {
    /// The gateway.
    pub gateway: InstanceId,
    /// The release that it runs.
    pub build: String,
    /// The revision of the routes bucket up to which it serves.
    pub routes_revision: u64,
    /// Whether it is about to leave; a publish does not wait for it.
    pub draining: bool,
    /// The revision of the variables bucket up to which its scripts read.
    #[serde(default)]
    pub variables_revision: u64,
}
