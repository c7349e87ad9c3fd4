//! What goes into the store and comes out of it.

use serde::{Deserialize, Serialize};
use shared::ids::{ContentHash, EndpointId, RunId, SettingId, TokenId, UrlHashes, WorkflowId};
use shared::v1::auth::SealedCredentials;
use shared::v1::registry::{PushTarget, VersionInfo, WorkflowSource};
use shared::v1::run_log::{RunState, RunSummary};
use shared::v1::settings::{SettingKind, SettingUses};
use shared::v1::views::ReturnType;

/// A draft as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDraft {
    /// The workflow's name.
    pub name: String,
    /// Its category.
    pub category: Option<String>,
    /// The document as compact JSON text, without credentials.
    pub document: String,
    /// What starts its runs.
    pub source: WorkflowSource,
    /// The hash that the version would have if it were published now.
    pub hash: ContentHash,
    /// Its credentials.
    pub credentials: SealedCredentials,
    /// The secrets and variables that it uses, those of its credentials as well.
    pub uses: SettingUses,
    /// Who saved it.
    pub actor: TokenId,
    /// When, in milliseconds since the Unix epoch.
    pub saved_at_ms: i64,
}

/// A workflow that is to be made.
#[derive(Clone, Debug)]
pub struct NewWorkflow {
    /// Its id.
    pub id: WorkflowId,
    /// Its endpoint's id.
    pub endpoint: EndpointId,
    /// The first hash of its endpoint's URL.
    pub first_hash: [u8; 16],
    /// The second hash of its endpoint's URL.
    pub second_hash: [u8; 16],
    /// Its first draft.
    pub draft: StoredDraft,
}

/// A workflow that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    /// Its id.
    pub id: WorkflowId,
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: Option<String>,
    /// Its draft as compact JSON text; none in a listing.
    pub document: Option<String>,
    /// The hash that the version would have if the draft were published now.
    pub draft_hash: ContentHash,
    /// Counts the changes of the draft, from 1.
    pub revision: u64,
    /// The highest version number that was given out; 0 where there was none.
    pub last_version: u64,
    /// Its endpoint's id.
    pub endpoint: EndpointId,
    /// The secret pair in its endpoint's URL.
    pub hashes: UrlHashes,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_at_ms: i64,
    /// When its draft was last changed, in milliseconds since the Unix epoch.
    pub updated_at_ms: i64,
    /// The published version.
    pub published: Option<VersionInfo>,
    /// What starts the runs of the draft.
    pub source: WorkflowSource,
    /// What starts those of the published version.
    pub published_source: Option<WorkflowSource>,
    /// How far the schedule of the published version has come.
    pub schedule: Option<ScheduleState>,
}

/// How far a published schedule has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleState {
    /// As [`NewSchedule::timetable`].
    pub timetable: String,
    /// As [`PublishedSchedule::done_to_ms`].
    pub done_to_ms: i64,
    /// The last moment for which a run was stored, in milliseconds since the Unix epoch.
    pub last_fired_ms: Option<i64>,
}

/// The schedule of a version that is to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSchedule {
    /// The document's schedule less its data, as JSON.
    pub timetable: String,
    /// What its runs find under `__data`, as JSON.
    pub data: String,
}

/// The schedule of a published version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedSchedule {
    /// What a run needs.
    pub target: PushTarget,
    /// As [`NewSchedule::timetable`].
    pub timetable: String,
    /// As [`NewSchedule::data`].
    pub data: String,
    /// No moment up to this one starts a run any more, in milliseconds since the Unix epoch.
    pub done_to_ms: i64,
}

/// Which workflows, and from where on.
#[derive(Clone, Debug, Default)]
pub struct WorkflowFilter {
    /// Only the one of this name.
    pub name: Option<String>,
    /// Only those of this category.
    pub category: Option<String>,
    /// Only those behind this name and id, in their order.
    pub after: Option<(String, WorkflowId)>,
    /// How many at most.
    pub limit: u32,
}

/// Which published endpoints, and from where on.
#[derive(Clone, Debug, Default)]
pub struct EndpointFilter {
    /// Which of their workflows, and from where on.
    pub workflows: WorkflowFilter,
    /// Only those with this return type.
    pub return_type: Option<ReturnType>,
    /// Only those that do, or do not, want a JWT.
    pub authentication: Option<bool>,
}

/// A version that is to be published.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// Its number and facts.
    pub info: VersionInfo,
    /// Its document as compact JSON text.
    pub views: Views,
    /// What a caller gets, where there is a listener.
    pub return_type: Option<ReturnType>,
    /// What starts its runs.
    pub source: WorkflowSource,
    /// When they begin, where they are scheduled.
    pub schedule: Option<NewSchedule>,
    /// Whether a JWT is wanted.
    pub authentication: bool,
    /// The secrets and variables that it uses, those of its credentials as well.
    pub uses: SettingUses,
}

/// The three views of a version, byte for byte as the buckets hold them, save for the document, which the bucket wraps, and
/// for those whose credentials or origins use secrets or variables, which are put in when the views are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Views {
    /// The address of the content.
    pub content_hash: ContentHash,
    /// The document as compact JSON text.
    pub document: String,
    /// The packed route view, where there is a listener.
    pub route: Option<Vec<u8>>,
    /// The packed credentials view, where authentication is on.
    pub credentials: Option<Vec<u8>>,
    /// What decides by secrets and variables who may call.
    pub access: AccessUses,
    /// When it was published, in milliseconds since the Unix epoch.
    pub published_at_ms: i64,
}

/// The secrets and variables by which a version decides who may call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessUses {
    /// Those of its credentials.
    pub credentials: SettingUses,
    /// Those of its origins.
    pub origins: SettingUses,
}

impl AccessUses {
    /// Those of both.
    #[must_use]
    pub fn all(&self) -> SettingUses {
        let mut all = self.credentials.clone();
        all.extend(&self.origins);
        all
    }

    /// Itself, where there are any.
    #[must_use]
    pub fn given(&self) -> Option<&Self> {
        (!self.credentials.is_empty() || !self.origins.is_empty()).then_some(self)
    }
}

/// A secret or variable as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its id.
    pub id: SettingId,
    /// Its name.
    pub name: String,
    /// Of a secret the packed sealed value, of a variable the text.
    pub value: Vec<u8>,
    /// The change that it comes from, of all those of secrets and variables.
    pub revision: u64,
    /// When it was set, in milliseconds since the Unix epoch.
    pub updated_at_ms: i64,
    /// Who set it.
    pub updated_by: TokenId,
}

/// A secret or variable that is to be set.
#[derive(Clone)]
pub struct NewSetting {
    /// What it is.
    pub kind: SettingKind,
    /// Its id, where it is new.
    pub id: SettingId,
    /// Its name.
    pub name: String,
    /// As [`Setting::value`].
    pub value: Vec<u8>,
    /// When, in milliseconds since the Unix epoch.
    pub updated_at_ms: i64,
    /// Who sets it.
    pub updated_by: TokenId,
}

/// What must be there before a secret or variable is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Whatever is, nothing included.
    Whatever,
    /// One of this name.
    Some,
    /// The one of this revision.
    Revision(u64),
}

impl Wanted {
    /// What a change comes to where something else is there.
    #[must_use]
    pub fn refuses(self, found: Option<&Setting>) -> Option<SettingChange> {
        let fits = match (self, found) {
            (Self::Whatever, _) | (Self::Some, Some(_)) => true,
            (Self::Revision(wanted), Some(found)) => found.revision == wanted,
            (Self::Some | Self::Revision(_), None) => false,
        };
        (!fits).then_some(SettingChange::Other)
    }
}

/// What came of a change of a secret or variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingChange {
    /// It is done.
    Done {
        /// Whose change it is.
        id: SettingId,
        /// Whether it is new.
        created: bool,
    },
    /// There is none of this name to be deleted.
    Missing,
    /// Something else is there than was wanted.
    Other,
    /// There are as many as there may be.
    Full,
    /// A published version uses it.
    Used,
}

/// What of a workflow is to be live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The workflow.
    pub workflow: WorkflowId,
    /// Its endpoint.
    pub endpoint: EndpointId,
    /// Counts its publishes and unpublishes, and the changes of secrets and variables that decide who may call: two readings with the same serial tell the same.
    pub serial: u64,
    /// The highest version number that was given out; 0 where nothing was ever live.
    pub last_version: u64,
    /// The views of the published version; none where it is not published or deleted.
    pub live: Option<Views>,
}

/// A published endpoint as a listing needs it.
#[derive(Clone, Debug)]
pub struct ListedEndpoint {
    /// The workflow behind it.
    pub workflow: WorkflowId,
    /// The workflow's name.
    pub name: String,
    /// The workflow's category.
    pub category: Option<String>,
    /// The published version.
    pub version: VersionInfo,
    /// The packed route view.
    pub route: Vec<u8>,
}

/// What was told of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// What lists show. Its workflow's name does not matter.
    pub summary: RunSummary,
    /// What a search looks through: [`shared::v1::run_log::words`] with a space between them.
    pub words: String,
    /// The packed record.
    pub record: Vec<u8>,
}

/// Which runs, and from where on.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Only those of this workflow.
    pub workflow: Option<WorkflowId>,
    /// Only those of this endpoint.
    pub endpoint: Option<EndpointId>,
    /// Only those in this state.
    pub state: Option<RunState>,
    /// Only those that began at this time or later, in milliseconds since the Unix epoch.
    pub from_ms: Option<i64>,
    /// Only those that began before this time, in milliseconds since the Unix epoch.
    pub to_ms: Option<i64>,
    /// Only those with a word that begins with each of these.
    pub words: Vec<String>,
    /// Only those behind the one that began at this time and has this id, in their order.
    pub after: Option<(i64, RunId)>,
    /// How many at most.
    pub limit: u32,
}
