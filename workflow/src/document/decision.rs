//! The decisions: `condition` and `switch`.

use super::{Step, Test};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Goes one of two ways.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// The question.
    #[serde(flatten)]
    pub test: Test,
    /// The children where it holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub yes: Vec<Step>,
    /// The children where it does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no: Vec<Step>,
}

/// Goes the way of the first case that holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Switch {
    /// The left value of each comparison that names none; strings in it are scripts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The cases, in order.
    pub cases: Vec<Case>,
    /// The children where no case holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default: Vec<Step>,
}

/// One case of a switch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The question; a comparison without a left value takes the switch's.
    #[serde(flatten)]
    pub test: Test,
    /// The children where it is the first to hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Step>,
}
