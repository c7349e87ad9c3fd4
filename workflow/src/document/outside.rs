//! The settings of steps that wait for what comes from outside, and of those that publish to it.

use super::time::Delay;
use super::words::{Method, Unit};
use super::{DEFAULT_MAX_BODY_BYTES, Pairs};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A wait until the step's resume URL is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitForCallback {
    /// The methods that the URL takes.
    #[serde(default = "post")]
    pub methods: Vec<Method>,
    /// How long it is waited for.
    #[serde(default = "day")]
    pub timeout: Delay,
    /// The largest accepted body in bytes.
    #[serde(default = "default_body")]
    pub max_body_bytes: u64,
    /// The request becomes `__data.<result>`.
    #[serde(default = "callback")]
    pub result: String,
    /// What whoever calls the URL gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<CallbackReply>,
}

/// What whoever calls a resume URL gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackReply {
    /// The status.
    #[serde(default = "ok")]
    pub status: u16,
    /// The body, plain text.
    #[serde(default)]
    pub body: String,
}

/// Another workflow to be started, whose end is waited for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallWorkflow {
    /// Its name.
    pub workflow: String,
    /// What is `__data` there: an object; strings in it are scripts. This run's own fields where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// How long it is waited for.
    #[serde(default = "hour")]
    pub timeout: Delay,
    /// What came of it becomes `__data.<result>`.
    #[serde(default = "called")]
    pub result: String,
}

/// A message on the platform's NATS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PublishMessage {
    /// The subject, a script.
    pub subject: String,
    /// The payload: a text as it is, anything else as JSON; strings in it are scripts. Empty where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// Header names with scripts.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub headers: Pairs,
}

fn post() -> Vec<Method> {
    vec![Method::Post]
}

const fn day() -> Delay {
    Delay {
        count: 24,
        unit: Unit::Hour,
    }
}

const fn hour() -> Delay {
    Delay {
        count: 1,
        unit: Unit::Hour,
    }
}

const fn default_body() -> u64 {
    DEFAULT_MAX_BODY_BYTES
}

const fn ok() -> u16 {
    200
}

fn callback() -> String {
    "callback".to_owned()
}

fn called() -> String {
    "called".to_owned()
}
