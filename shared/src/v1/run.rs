//! A run on its way to a runner. The frame's body is the caller's body, byte for byte.

use serde::{Deserialize, Serialize};

use crate::ids::{ContentHash, EndpointId, InstanceId, RequestId, RunId, WorkflowId};
use crate::trace::TraceContext;
use crate::v1::letters::Caller;
use crate::v1::trials::Trial;

/// Whether the caller waits for the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunMode {
    /// The caller waits; nothing is kept if the platform dies.
    Sync,
    /// Accepted means kept.
    Async,
}

/// How the gateway read the body: which row of the receiving rules applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyKind {
    /// No body.
    Empty,
    /// JSON, checked by the gateway.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`, checked by the gateway.
    Multipart,
    /// Anything else.
    Other,
}

/// One run of one published version for one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRequest {
    /// The run.
    pub run_id: RunId,
    /// How often the run was sent out before; a result of an older attempt is refused.
    pub attempt: u32,
    /// The trace that the run belongs to.
    pub trace: TraceContext,
    /// The HTTP request behind the run.
    pub request_id: RequestId,
    /// The endpoint that was called.
    pub endpoint_id: EndpointId,
    /// The workflow behind it.
    pub workflow_id: WorkflowId,
    /// The published version's number.
    pub version: u64,
    /// The published version's content; the runner executes exactly this.
    pub content_hash: ContentHash,
    /// Whether the caller waits.
    pub mode: RunMode,
    /// Where replies go; none where nobody waits.
    pub reply_to: Option<String>,
    /// The gateway that waits, for presence and credit.
    pub gateway: Option<InstanceId>,
    /// When the caller's patience ends, in milliseconds since the Unix epoch.
    pub deadline_ms: i64,
    /// How much of a stream may be sent before the gateway gives more credit; a frame uses up
    /// [`crate::limits::stream_cost`].
    pub credit: u32,
    /// What the gateway received.
    pub request: Received,
    /// Whether the run was parked and goes on now: it has a journal, or else it ended meanwhile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resumed: bool,
    /// How many attempts in a row that came no step further are forgiven, since a person has sent the run again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pardoned: u32,
    /// Which time a person has the run begin again; 0 where nobody does.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub restart: u64,
    /// How many pushes of one workflow to another led to the run.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pushes: u32,
    /// The run that waits for the end of this one, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// What started a run of a workflow without a listener; none where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
    /// The run that this one repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay_of: Option<RunId>,
    /// How it differs from a run that a caller asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<Box<Trial>>,
}

/// What started a run of a workflow without a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// Who.
    pub source: TriggerSource,
    /// The moment of the schedule that it is for, in milliseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_at_ms: Option<i64>,
}

/// Who started a run of a workflow without a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerSource {
    /// Its schedule.
    Scheduled,
    /// Somebody, over the API.
    Manual,
    /// A run of another workflow.
    Push,
}

impl TriggerSource {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::Scheduled, Self::Manual, Self::Push];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Manual => "manual",
            Self::Push => "push",
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // The shape that serde wants.
const fn is_nothing(number: &u64) -> bool {
    *number == 0
}

#[allow(clippy::trivially_copy_pass_by_ref)] // The shape that serde wants.
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The HTTP request as the gateway received it, less its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// When, in milliseconds since the Unix epoch.
    pub received_at_ms: i64,
    /// The method, upper case.
    pub method: String,
    /// The raw query string, without `?`.
    pub query: String,
    /// The caller's address.
    pub ip: String,
    /// Header names (lower case) and values, in order; repeated ones are repeated. A value that is
    /// not UTF-8 is read as Latin-1. Credentials that the platform checked itself are left out.
    pub headers: Vec<(String, String)>,
    /// The claims of the checked JWT, as a JSON text.
    pub claims: Option<String>,
    /// Which of the receiving rules applies to the body.
    pub body_kind: BodyKind,
}
