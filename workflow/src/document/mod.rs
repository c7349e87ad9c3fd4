//! The workflow document as types. [`parse`] reads text, [`crate::check::check`] judges it, and
//! what passed becomes a [`Document`].

mod action;
mod decision;
mod each;
mod effects;
mod listener;
mod operator;
mod outside;
mod pairs;
mod parse;
mod reply;
mod run_log;
mod schedule;
mod sensitive;
mod status_pattern;
mod step;
mod strict;
mod test;
#[cfg(test)]
mod tests;
mod time;
mod words;

pub use action::{
    DEFAULT_MAX_REDIRECTS, DEFAULT_REQUEST_TIMEOUT, DEFAULT_RESULT, HttpRequest, Log,
    PushToWorkflow, SetMemory, SseFrame, Stop, StoreValue,
};
pub use decision::{Case, Condition, Switch};
pub use each::{DEFAULT_AS, ForEach};
pub use effects::effects;
pub use listener::{
    DEFAULT_CONTINUE_TIMEOUT, DEFAULT_MAX_BODY_BYTES, DEFAULT_SYNC_TIMEOUT, Listener,
    PreviousSecret, RateLimit,
};
pub use operator::Operator;
pub use outside::{CallWorkflow, CallbackReply, PublishMessage, WaitForCallback};
pub use pairs::Pairs;
pub use parse::parse;
pub use reply::Reply;
pub use run_log::{DEFAULT_KEPT_BODY_BYTES, MAX_KEPT_BODY_BYTES, RunLog};
pub use schedule::Schedule;
pub use sensitive::Sensitive;
pub use status_pattern::StatusPattern;
pub use step::{Branch, Step, StepKind};
pub use test::{Compare, Test};
pub use time::{Delay, Retry, TimeOfDay, When, Window};
pub use words::{
    Keep, Level, Method, OnDisconnect, OnError, OnRunnerLost, Outcome, Period, RecordType,
    RequestMethod, ReturnType, RunMode, Source, Unit, Weekday,
};

use crate::check::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The only `apiVersion`.
pub const API_VERSION: &str = "earshot/v1";
/// The only `kind`.
pub const KIND: &str = "Workflow";

/// One workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Always [`API_VERSION`].
    #[serde(rename = "apiVersion")]
    pub api_version: String,
    /// Always [`KIND`].
    pub kind: String,
    /// What the workflow is called.
    pub metadata: Metadata,
    /// What it does.
    pub spec: Spec,
}

/// What a workflow is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Unique in the platform: `[a-z0-9-]{1,63}`.
    pub name: String,
    /// A sentence for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A group to list it under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Names with values to filter by.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// What a workflow does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// The kind of record that it hangs on.
    pub record_type: RecordType,
    /// What starts a run.
    pub source: Source,
    /// Whether the caller waits.
    #[serde(default)]
    pub run_mode: RunMode,
    /// The endpoint; there in a checked document whose source is a listener, and in no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listener: Option<Listener>,
    /// When runs begin; there in a checked document whose source is a schedule, and in no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// What the run log keeps; what it keeps by default where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_log: Option<RunLog>,
    /// The roots of the tree; they run at the same time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

/// Whether a text may be a workflow's name: 1 to 63 of `a-z`, `0-9` and `-`.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (1..=63).contains(&text.len()) && text.bytes().all(allowed)
}

impl Document {
    /// Reads a document out of a parsed value. This looks at types alone: use
    /// [`crate::check::check`] to learn every problem.
    ///
    /// # Errors
    /// The first thing that does not fit, without a path.
    pub fn from_value(value: &Value) -> Result<Self, Problem> {
        Self::deserialize(value).map_err(|error| {
            Problem::error("", "document", error.to_string())
                .hint("run the check: it names the place and every other problem")
        })
    }

    /// Whether a waiting request with this method goes to another runner when its runner is lost:
    /// as the listener says, else only where that can do no harm.
    #[must_use]
    pub fn resends(&self, method: &str) -> bool {
        let written = self.spec.listener.as_ref().and_then(|l| l.on_runner_lost);
        match written {
            Some(choice) => choice == OnRunnerLost::Resend,
            None => matches!(method, "GET" | "HEAD") || !effects(self),
        }
    }
}
