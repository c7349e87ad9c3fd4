//! Runs that nobody could carry out, and what may be done with them.

use serde::{Deserialize, Serialize};

use crate::ids::{EndpointId, RunId, WorkflowId};
use crate::rpc::Rpc;
use crate::subjects::request_subject;
use crate::v1::registry::Page;
use crate::v1::run::{Received, Trigger};

/// A run that was put aside. Its journal stays, so that it can go on where it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The run.
    pub run_id: RunId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The endpoint that was called; of a workflow without a listener no more than an id.
    pub endpoint_id: EndpointId,
    /// The version's number; 0 of a draft.
    pub version: u64,
    /// When the gateway received the request, in milliseconds since the Unix epoch.
    pub received_at_ms: i64,
    /// How often in a row a runner took the run and came no step further.
    pub attempts: u32,
    /// Why it was put aside, a sentence for people.
    pub reason: String,
    /// When, in milliseconds since the Unix epoch.
    pub died_at_ms: i64,
    /// What started it, where its workflow has no listener.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
}

/// A dead letter with what the caller sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedDeadLetter {
    /// The letter.
    pub letter: DeadLetter,
    /// What the gateway received.
    pub request: Received,
    /// The body, as far as it is shown.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
    /// How many bytes the whole body has.
    pub body_bytes: u64,
}

macro_rules! rpc {
    ($message:ty, $verb:literal, $idempotent:literal, $reply:ty) => {
        impl Rpc for $message {
            const SUBJECT: &'static str = request_subject!("registry", $verb);
            const IDEMPOTENT: bool = $idempotent;
            type Reply = $reply;
        }
    };
}

/// Lists dead letters, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListDeadLetters {
    /// Only those of this workflow.
    pub workflow_id: Option<WorkflowId>,
    /// Where the page begins.
    pub cursor: Option<String>,
    /// How many, 1 to 200.
    pub limit: u32,
}

rpc!(ListDeadLetters, "dead_letter.list", true, Page<DeadLetter>);

/// Reads one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetDeadLetter {
    /// The run.
    pub run_id: RunId,
}

rpc!(
    GetDeadLetter,
    "dead_letter.get",
    true,
    Option<OpenedDeadLetter>
);

/// Puts a run back into the work queue. False where it is no dead letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryDeadLetter {
    /// The run.
    pub run_id: RunId,
    /// Whether it begins again instead of going on where it was: its journal counts no more.
    pub from_start: bool,
}

rpc!(RetryDeadLetter, "dead_letter.retry", false, bool);

/// Throws a run away, with its journal. False where it is no dead letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropDeadLetter {
    /// The run.
    pub run_id: RunId,
}

rpc!(DropDeadLetter, "dead_letter.drop", true, bool);
