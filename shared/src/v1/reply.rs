//! What a run sends back to the gateway, frame by frame.
//!
//! The frames of one run carry consecutive sequence numbers from 0. A gap is a fault: the gateway
//! ends the reply with [`Code::ReplyBroken`] rather than pass on a reply with a hole in it.

use serde::{Deserialize, Serialize};

use crate::codes::Code;
use crate::ids::{InstanceId, RunId};

/// A whole reply, or its first part; the frame's body is the reply's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The frame's place in the run's sequence.
    pub seq: u32,
    /// The HTTP status that the author's workflow chose.
    pub status: u16,
    /// Header names and values, already checked for CR and LF.
    pub headers: Vec<(String, String)>,
    /// Whether [`Part`]s follow.
    pub more: bool,
}

/// A further part of a reply too large for one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The frame's place in the run's sequence.
    pub seq: u32,
    /// Whether further parts follow.
    pub more: bool,
}

/// The start of a streamed reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// The frame's place in the run's sequence.
    pub seq: u32,
    /// Header names and values of the author's.
    pub headers: Vec<(String, String)>,
}

/// One frame of a streamed reply; the frame's body is its `data`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamFrame {
    /// The frame's place in the run's sequence.
    pub seq: u32,
    /// The `event` field.
    pub event: Option<String>,
    /// The `id` field.
    pub id: Option<String>,
    /// The `retry` field, in milliseconds.
    pub retry: Option<u64>,
    /// Whether this frame closes the stream.
    pub last: bool,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every step that ran succeeded or had its failure handled.
    Succeeded,
    /// A step failed, or a `stop` step said so.
    Failed,
    /// The caller left, or an operator stopped the run.
    Cancelled,
}

impl Outcome {
    /// The outcome as a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The outcome of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Succeeded, Self::Failed, Self::Cancelled];
        all.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// The end of a run; nothing follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The frame's place in the run's sequence.
    pub seq: u32,
    /// How the run ended.
    pub outcome: Outcome,
}

/// A request or a run that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What went wrong.
    pub code: Code,
    /// What, where and how to mend it, for whoever called. Never a secret or a listener URL.
    pub detail: String,
    /// Further facts as a JSON text, such as the problems of a workflow document.
    #[serde(default)]
    pub facts: Option<String>,
    /// The run that failed, where there was one.
    #[serde(default)]
    pub run_id: Option<RunId>,
    /// The instance that says so.
    #[serde(default)]
    pub by: Option<InstanceId>,
}

impl Failure {
    /// A failure with a code and a detail.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            facts: None,
            run_id: None,
            by: None,
        }
    }

    /// The same failure with the run that it happened in.
    #[must_use]
    pub fn of_run(self, run_id: RunId) -> Self {
        Self {
            run_id: Some(run_id),
            ..self
        }
    }

    /// The same failure with further facts, as a JSON text.
    #[must_use]
    pub fn with_facts(self, facts: String) -> Self {
        Self {
            facts: Some(facts),
            ..self
        }
    }
}
