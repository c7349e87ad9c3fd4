//! When runs begin by themselves.

use super::Delay;
use super::time::utc;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// When the runs of a workflow begin by themselves: by `cron` or `every`, never both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// A cron expression of five fields, or a word such as `@daily`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// So long after each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Delay>,
    /// The time zone of all of it, by its IANA name.
    #[serde(default = "utc")]
    pub timezone: String,
    /// No moment is before this one; those of `every` are counted from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// No moment is after this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// What each run finds under `__data`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
}
