//! Runs that a person asks for: replays of earlier runs, and test runs of drafts.

use serde::{Deserialize, Serialize};

use crate::ids::{ContentHash, RunId, TokenId, WorkflowId};
use crate::rpc::Rpc;
use crate::subjects::request_subject;

/// What such a run carries out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The version that is published at the moment.
    #[default]
    Published,
    /// The draft as it is at the moment.
    Draft,
    /// The version that the earlier run carried out.
    Origin,
}

impl Against {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Published, Self::Draft, Self::Origin];

    /// As people and databases read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Draft => "draft",
            Self::Origin => "origin",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// What makes a run one that a person asked for. Nobody waits for its reply: the run log has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trial {
    /// What it carries out.
    pub against: Against,
    /// The draft, as JSON text. It travels with its run, and so is there for exactly as long as the run may need it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The run whose record answers what the steps ask; none where they ask for real.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<RunId>,
}

/// A request as a person gives it. What is absent is as in the earlier run, where there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Given {
    /// The method.
    pub method: Option<String>,
    /// The query, without `?`.
    pub query: Option<String>,
    /// Header names and values.
    pub headers: Option<Vec<(String, String)>>,
    /// The body.
    pub body: Option<GivenBody>,
    /// The claims of a JWT, as the JSON text of an object.
    pub claims: Option<String>,
}

/// A body as a person gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GivenBody {
    /// The bytes.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// Its type; where absent, what the headers say.
    pub content_type: Option<String>,
}

macro_rules! rpc {
    ($message:ty, $verb:literal, $reply:ty) => {
        impl Rpc for $message {
            const SUBJECT: &'static str = request_subject!("registry", $verb);
            const IDEMPOTENT: bool = false;
            type Reply = $reply;
        }
    };
}

/// Carries an earlier run out again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayRun {
    /// The earlier run.
    pub origin: RunId,
    /// The id of the new one.
    pub run_id: RunId,
    /// The request, where it is to be another.
    pub payload: Option<Given>,
    /// What is carried out.
    pub against: Against,
    /// Whether the earlier run's record answers what the steps ask.
    pub recorded: bool,
    /// Who asks.
    pub actor: TokenId,
}

rpc!(ReplayRun, "run.replay", Started);

/// Carries a workflow's draft out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestRun {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The id of the run.
    pub run_id: RunId,
    /// The request.
    pub payload: Given,
    /// The run whose record answers what the steps ask; none where they ask for real.
    pub recorded: Option<RunId>,
    /// Who asks.
    pub actor: TokenId,
}

rpc!(TestRun, "workflow.test_run", Started);

/// A run that was put into the work queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// The run.
    pub run_id: RunId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The published version's number; 0 of a draft.
    pub version: u64,
    /// The content that it carries out.
    pub content_hash: ContentHash,
    /// Where the mask stands in its request, in the place of what the run log did not keep.
    #[serde(default)]
    pub masked: Vec<String>,
    /// What the earlier run had and this one has not, as scripts name it.
    #[serde(default)]
    pub absent: Vec<String>,
}
