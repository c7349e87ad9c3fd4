//! The actions and their settings.

use super::words::{Level, Outcome, RequestMethod};
use super::{Delay, Pairs, Retry, StatusPattern};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One frame of an event stream, as WHATWG's server-sent events have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SseFrame {
    /// The event's name, a script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The payload, a script; several lines are several `data:` lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The frame's `id:`, a script. (`id` is the step's own.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame_id: Option<String>,
    /// How long a browser waits before it connects again, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<u32>,
    /// Whether the stream ends after this frame.
    #[serde(default, rename = "final", skip_serializing_if = "std::ops::Not::not")]
    pub is_final: bool,
}

/// A computed value for the steps below.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreValue {
    /// The value becomes `__data.<name>`; never begins with `__`. (Such a step has no name for
    /// people; [`super::Step`] hands this one over when it is read.)
    #[serde(default)]
    pub name: String,
    /// Any value; strings in it are scripts, and one that is a single `{{ }}` keeps its type.
    pub value: Value,
}

/// An outgoing request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// The method.
    #[serde(default)]
    pub method: RequestMethod,
    /// The URL, http or https, a script.
    pub url: String,
    /// Header names with scripts.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub headers: Pairs,
    /// Query parameters with scripts, added to those of the URL.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub query: Pairs,
    /// A JSON body; strings in it are scripts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// A form body, `application/x-www-form-urlencoded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Pairs>,
    /// Any other body, a script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Seconds that the whole request may take, redirects included.
    #[serde(default = "default_timeout")]
    pub timeout: u32,
    /// How many redirects are followed.
    #[serde(default = "default_max_redirects")]
    pub max_redirects: u32,
    /// The statuses that fail the step.
    #[serde(default = "default_fail_on")]
    pub fail_on: Vec<StatusPattern>,
    /// The answer becomes `__data.<result>`: `ok`, `status`, `headers`, `body`.
    #[serde(default = "default_result")]
    pub result: String,
    /// How often it is made where it does not succeed; once where this is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
}

/// A value in shared memory, which all runs of all workflows read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetMemory {
    /// The name there, a script. (`name` is the step's own.)
    pub memory: String,
    /// The value; strings in it are scripts. Null removes the name.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub value: Option<Value>,
    /// What is added to the number there instead, in one go with what others add.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub increment: Option<Value>,
    /// How long it stays; as long as a year where this is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Delay>,
    /// What the number is then becomes `__data.<result>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}

/// A value that is null is there all the same.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Another workflow to be started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PushToWorkflow {
    /// Its name.
    pub workflow: String,
    /// What is `__data` there: an object; strings in it are scripts. This run's own fields where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// The id of its run becomes `__data.<result>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}

/// A line in the run log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// How weighty it is.
    #[serde(default)]
    pub level: Level,
    /// The line, a script.
    pub message: String,
}

/// The end of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// How the run counts.
    #[serde(default)]
    pub outcome: Outcome,
    /// Why, a script; kept in the run log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The default of `http_request.timeout` in seconds.
pub const DEFAULT_REQUEST_TIMEOUT: u32 = 10;
/// The default of `http_request.max_redirects`.
pub const DEFAULT_MAX_REDIRECTS: u32 = 5;
/// The default of `http_request.result`.
pub const DEFAULT_RESULT: &str = "webhook";

const fn default_timeout() -> u32 {
    DEFAULT_REQUEST_TIMEOUT
}

const fn default_max_redirects() -> u32 {
    DEFAULT_MAX_REDIRECTS
}

fn default_fail_on() -> Vec<StatusPattern> {
    vec![StatusPattern::Class(4), StatusPattern::Class(5)]
}

fn default_result() -> String {
    DEFAULT_RESULT.to_owned()
}
