//! Requests that registry-svc answers.

use serde::{Deserialize, Serialize};

use crate::ids::{ContentHash, EndpointId, TokenId, WorkflowId};
use crate::rpc::Rpc;
use crate::subjects::request_subject;
use crate::v1::auth::{SealedCredentials, TokenInfo};
use crate::v1::run::RunMode;
use crate::v1::settings::SettingUses;
use crate::v1::views::{DocumentView, Method, ReturnType};

macro_rules! rpc {
    ($message:ty, $verb:literal, $idempotent:literal, $reply:ty) => {
        impl Rpc for $message {
            const SUBJECT: &'static str = request_subject!("registry", $verb);
            const IDEMPOTENT: bool = $idempotent;
            type Reply = $reply;
        }
    };
}

/// A draft on its way into the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The workflow document as JSON text. The credentials have been taken out of it.
    pub document: String,
    /// The credentials that the author gave.
    pub given: SealedCredentials,
    /// Freshly generated ones, used where authentication is on and neither the author gives nor
    /// the workflow has one.
    pub offered: SealedCredentials,
    /// Who saves.
    pub actor: TokenId,
    /// The secrets and variables that the document's scripts use.
    #[serde(default)]
    pub uses: SettingUses,
}

/// What came of saving a [`Draft`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The workflow as it is now.
    pub workflow: WorkflowInfo,
    /// Whether the offered `endpoint_key` was taken; then it is shown to the author, once.
    pub took_key: bool,
    /// Whether the offered `endpoint_secret` was taken; then it is shown to the author, once.
    pub took_secret: bool,
}

/// Makes a workflow. Fails with `conflict` when its name is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateWorkflow {
    /// Its draft.
    pub draft: Draft,
}

rpc!(CreateWorkflow, "workflow.create", false, Saved);

/// Changes a workflow's draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateWorkflow {
    /// The workflow.
    pub id: WorkflowId,
    /// The [`WorkflowInfo::etag`] that the author saw; `*` for any.
    pub if_match: String,
    /// The new draft.
    pub draft: Draft,
}

rpc!(UpdateWorkflow, "workflow.update", false, Saved);

/// A workflow as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowInfo {
    /// The workflow.
    pub id: WorkflowId,
    /// Its name, unique in the platform.
    pub name: String,
    /// Its category.
    pub category: Option<String>,
    /// Changes whenever the draft does.
    pub etag: String,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_at_ms: i64,
    /// When its draft was last changed, in milliseconds since the Unix epoch.
    pub updated_at_ms: i64,
    /// What starts its runs, by its draft.
    #[serde(default, skip_serializing_if = "WorkflowSource::is_listener")]
    pub source: WorkflowSource,
    /// When its published version's runs begin, where that is scheduled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleInfo>,
    /// Its endpoint, where its source is a listener.
    pub endpoint: Option<EndpointInfo>,
    /// The published version, where it is published.
    pub published: Option<VersionInfo>,
    /// Whether the draft differs from the published version.
    pub changed: bool,
    /// The draft as JSON text, without credentials; left out of listings.
    pub document: Option<String>,
}

/// Where a workflow's endpoint is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointInfo {
    /// The endpoint.
    pub id: EndpointId,
    /// Its path with the secret pair. Only ever shown to those who may read the workflow.
    pub path: String,
}

/// A published version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionInfo {
    /// Its number, from 1.
    pub number: u64,
    /// The address of its content.
    pub content_hash: ContentHash,
    /// When it was published, in milliseconds since the Unix epoch.
    pub published_at_ms: i64,
    /// Who published it.
    pub actor: TokenId,
    /// Why, in the author's words.
    pub message: Option<String>,
}

/// One workflow with its draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetWorkflow {
    /// The workflow.
    pub id: WorkflowId,
}

rpc!(GetWorkflow, "workflow.get", true, WorkflowInfo);

/// A page of workflows in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListWorkflows {
    /// Only the one of this name.
    pub name: Option<String>,
    /// Only those of this category.
    pub category: Option<String>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// How many at most.
    pub limit: u32,
}

/// A page of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last page.
    pub next_cursor: Option<String>,
}

rpc!(ListWorkflows, "workflow.list", true, Page<WorkflowInfo>);

/// Deletes a workflow with its endpoint; its versions stay for runs that are under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteWorkflow {
    /// The workflow.
    pub id: WorkflowId,
    /// The etag that the author saw; `*` for any.
    pub if_match: String,
}

rpc!(DeleteWorkflow, "workflow.delete", false, ());

/// Makes the draft the published version, everywhere, before it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publish {
    /// The workflow.
    pub id: WorkflowId,
    /// The etag that the author saw; `*` for any.
    pub if_match: String,
    /// Who publishes.
    pub actor: TokenId,
    /// Why, in the author's words.
    pub message: Option<String>,
}

rpc!(Publish, "workflow.publish", false, WorkflowInfo);

/// Takes the endpoint off, everywhere, before it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unpublish {
    /// The workflow.
    pub id: WorkflowId,
}

rpc!(Unpublish, "workflow.unpublish", true, WorkflowInfo);

/// A published endpoint as the listing shows it. Never a key or a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedEndpoint {
    /// The endpoint.
    pub id: EndpointId,
    /// The workflow behind it.
    pub workflow_id: WorkflowId,
    /// The workflow's name.
    pub name: String,
    /// The workflow's category.
    pub category: Option<String>,
    /// The path that callers use.
    pub path: String,
    /// The methods that it takes.
    pub methods: Vec<Method>,
    /// What a caller gets.
    pub return_type: ReturnType,
    /// Whether the caller waits for the run.
    pub run_mode: RunMode,
    /// Whether it wants a JWT.
    pub authentication: bool,
    /// Whether it answers other origins.
    pub cors: bool,
    /// The published version.
    pub version: VersionInfo,
}

/// A page of published endpoints in the order of their workflows' names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListEndpoints {
    /// Only that of the workflow of this name.
    pub name: Option<String>,
    /// Only those of this category.
    pub category: Option<String>,
    /// Only those with this return type.
    pub return_type: Option<ReturnType>,
    /// Only those that do, or do not, want a JWT.
    pub authentication: Option<bool>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// How many at most.
    pub limit: u32,
}

rpc!(
    ListEndpoints,
    "endpoint.list",
    true,
    Page<PublishedEndpoint>
);

/// Which version of the workflow of this name is published, for a run that pushes to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolveWorkflow {
    /// The name.
    pub name: String,
}

/// What starts the runs of a workflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkflowSource {
    /// A call of its endpoint.
    #[default]
    Listener,
    /// Its schedule.
    Scheduled,
    /// A run of another workflow, or somebody over the API.
    Manual,
}

impl WorkflowSource {
    /// The source that this word names.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        let all = [Self::Listener, Self::Scheduled, Self::Manual];
        all.into_iter().find(|source| source.as_str() == word)
    }

    /// Whether it is a call of its endpoint.
    #[must_use]
    #[allow(clippy::trivially_copy_pass_by_ref)] // The shape that serde wants.
    pub const fn is_listener(&self) -> bool {
        matches!(self, Self::Listener)
    }

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listener => "listener",
            Self::Scheduled => "scheduled",
            Self::Manual => "manual",
        }
    }
}

/// When the runs of a published schedule begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleInfo {
    /// The next moment, in milliseconds since the Unix epoch; none where there is none any more.
    pub next_ms: Option<i64>,
    /// The last moment for which a run was started, in milliseconds since the Unix epoch.
    pub last_ms: Option<i64>,
}

/// What a new run of a workflow needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushTarget {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// Its endpoint.
    pub endpoint_id: EndpointId,
    /// The published version's number.
    pub version: u64,
    /// The published version's content.
    pub content_hash: ContentHash,
    /// What starts its runs otherwise.
    #[serde(default, skip_serializing_if = "WorkflowSource::is_listener")]
    pub source: WorkflowSource,
}

rpc!(
    ResolveWorkflow,
    "workflow.resolve",
    true,
    Option<PushTarget>
);

/// Which version of a workflow is published, for a run that somebody starts; none where none is. Fails with `not_found`
/// where there is no such workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindTarget {
    /// The workflow.
    pub id: WorkflowId,
}

rpc!(FindTarget, "workflow.target", true, Option<PushTarget>);

/// The document of a version, for a runner that does not find it in the bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetDocument {
    /// The version's content.
    pub content_hash: ContentHash,
}

rpc!(GetDocument, "document.get", true, Option<DocumentView>);

/// An API token's hash and facts on their way from auth-svc into the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRecord {
    /// SHA-256 of the token.
    #[serde(with = "serde_bytes")]
    pub hash: Vec<u8>,
    /// The rest.
    pub info: TokenInfo,
}

/// Stores a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutToken {
    /// The token.
    pub record: TokenRecord,
    /// Store it only where the platform has never had a token: the first start.
    pub only_first: bool,
}

rpc!(PutToken, "token.put", false, bool);

/// The token with this hash, expired or not; none where it is unknown or revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindToken {
    /// SHA-256 of the token.
    #[serde(with = "serde_bytes")]
    pub hash: Vec<u8>,
}

rpc!(FindToken, "token.find", true, Option<TokenInfo>);

/// Every token that is not revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllTokens {}

rpc!(AllTokens, "token.all", true, Vec<TokenInfo>);

/// Revokes a token; the reply says whether it was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropToken {
    /// The token's id.
    pub id: TokenId,
}

rpc!(DropToken, "token.drop", true, bool);
