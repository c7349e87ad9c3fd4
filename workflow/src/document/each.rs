//! `for_each`: steps that are done once for every item of a list.

use super::Step;
use super::words::OnError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Steps that are done once for every item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForEach {
    /// The list, or the map whose values are walked; strings in it are scripts.
    pub items: Value,
    /// The item becomes `__data.<as>` in its turn.
    #[serde(default = "default_as", rename = "as")]
    pub name: String,
    /// How many turns go on at the same time.
    #[serde(default = "default_concurrency")]
    pub concurrency: u32,
    /// What a turn that fails means for those that have not begun.
    #[serde(default)]
    pub on_error: OnError,
    /// The steps of a turn.
    #[serde(rename = "do")]
    pub steps: Vec<Step>,
    /// What a turn hands out; strings in it are scripts, which see the turn's data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collect: Option<Value>,
    /// The list of what the turns handed out becomes `__data.<result>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}

/// The default of `for_each.as`.
pub const DEFAULT_AS: &str = "item";

fn default_as() -> String {
    DEFAULT_AS.to_owned()
}

const fn default_concurrency() -> u32 {
    1
}
