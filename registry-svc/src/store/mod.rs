//! The database behind a port: six traits, and an adapter for SQLite and one for PostgreSQL.
//!
//! Whatever reads and then writes is guarded by the revision that was read, so no method holds a lock between two calls,
//! and any number of registry-svc may share one PostgreSQL.

mod adapter;
mod closed;
mod error;
mod model;
mod open;
mod postgres;
mod rows;
mod runs_postgres;
mod runs_sqlite;
mod schedule_rows;
mod schema;
mod sqlite;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use shared::ids::{ContentHash, EndpointId, RunId, SettingId, TokenId, WorkflowId};
use shared::v1::auth::{SealedCredentials, TokenInfo};
use shared::v1::registry::{PushTarget, TokenRecord};
use shared::v1::run_log::RunSummary;
use shared::v1::settings::{SettingKind, SettingUser};

pub use closed::{NOT_HEARD_OF, NOT_TOLD};
pub use error::StoreError;
pub use model::{
    AccessUses, EndpointFilter, ListedEndpoint, NewRun, NewSchedule, NewSetting, NewVersion,
    NewWorkflow, Publication, PublishedSchedule, RunFilter, ScheduleState, Setting, SettingChange,
    StoredDraft, Views, Wanted, Workflow, WorkflowFilter,
};
pub use open::{OpenError, Target};
pub use postgres::PostgresStore;
pub use sqlite::SqliteStore;

/// Workflows and their drafts. Deleted ones are not seen.
///
/// Every method fails with a [`StoreError`] when the database does.
pub trait Workflows {
    /// Adds a workflow. [`StoreError::Taken`] where its name is.
    fn create(&self, new: &NewWorkflow) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// One workflow with its draft.
    fn workflow(
        &self,
        id: WorkflowId,
    ) -> impl Future<Output = Result<Option<Workflow>, StoreError>> + Send;

    /// The credentials of a workflow's draft; empty where it has none.
    fn credentials(
        &self,
        id: WorkflowId,
    ) -> impl Future<Output = Result<SealedCredentials, StoreError>> + Send;

    /// Replaces the draft that has this revision, and counts the revision up. False where there is no such workflow
    /// with this revision. [`StoreError::Taken`] where the new name is.
    fn update(
        &self,
        id: WorkflowId,
        revision: u64,
        draft: &StoredDraft,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes a workflow, its credentials and its publication, and frees its name; its versions stay. With a revision
    /// only where the draft has it. Whether that was done.
    fn delete(
        &self,
        id: WorkflowId,
        revision: Option<u64>,
        now_ms: i64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Workflows in the order of their names' bytes, without their drafts.
    fn list(
        &self,
        filter: &WorkflowFilter,
    ) -> impl Future<Output = Result<Vec<Workflow>, StoreError>> + Send;
}

/// Versions, and which of them are published.
///
/// Every method fails with a [`StoreError`] when the database does.
pub trait Publications {
    /// Stores a version and makes it the published one, where the draft still has this revision and the version's
    /// number is the next one. Whether that was so.
    fn publish(
        &self,
        id: WorkflowId,
        revision: u64,
        version: &NewVersion,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Takes the publication back. False where there is no such workflow; true also where it was not published.
    fn unpublish(&self, id: WorkflowId) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// What is to be live, also of a deleted workflow.
    fn publication(
        &self,
        id: WorkflowId,
    ) -> impl Future<Output = Result<Option<Publication>, StoreError>> + Send;

    /// The [`Publication::serial`] of a workflow, also of a deleted one.
    fn serial(
        &self,
        id: WorkflowId,
    ) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send;

    /// Whose endpoint this is, also of a deleted workflow.
    fn owner(
        &self,
        endpoint: EndpointId,
    ) -> impl Future<Output = Result<Option<WorkflowId>, StoreError>> + Send;

    /// All that is to be live, in the order of the workflows' ids, a page at a time.
    fn live(
        &self,
        after: Option<WorkflowId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Publication>, StoreError>> + Send;

    /// A number that grows with every publish, unpublish and deletion.
    fn changes(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Published endpoints in the order of their workflows' names' bytes.
    fn endpoints(
        &self,
        filter: &EndpointFilter,
    ) -> impl Future<Output = Result<Vec<ListedEndpoint>, StoreError>> + Send;

    /// The document of a version, whether published or not, by its content.
    fn document(
        &self,
        content: ContentHash,
    ) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;
}

/// The schedules of published versions, and what new runs of workflows need.
///
/// Every method fails with a [`StoreError`] when the database does.
pub trait Schedules {
    /// The published schedules in the order of their workflows' ids, a page at a time.
    fn schedules(
        &self,
        after: Option<WorkflowId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<PublishedSchedule>, StoreError>> + Send;

    /// The published schedule of a workflow.
    fn schedule(
        &self,
        id: WorkflowId,
    ) -> impl Future<Output = Result<Option<PublishedSchedule>, StoreError>> + Send;

    /// Notes that the run for a moment is stored, where nobody has noted a later one since `done_to_ms` was read. Whether
    /// that was so.
    fn fired(
        &self,
        id: WorkflowId,
        done_to_ms: i64,
        moment_ms: i64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The published version of the workflow of this name.
    fn target_named(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<Option<PushTarget>, StoreError>> + Send;

    /// The published version of a workflow.
    fn target(
        &self,
        id: WorkflowId,
    ) -> impl Future<Output = Result<Option<PushTarget>, StoreError>> + Send;
}

/// The hashes of API tokens.
///
/// Every method fails with a [`StoreError`] when the database does.
pub trait Tokens {
    /// Stores a token; with `only_first` only where there never was one. Whether it was stored.
    /// [`StoreError::Taken`] where its id or hash is.
    fn put_token(
        &self,
        record: &TokenRecord,
        only_first: bool,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The token with this hash, expired or not, unless it is revoked.
    fn find_token(
        &self,
        hash: &[u8],
    ) -> impl Future<Output = Result<Option<TokenInfo>, StoreError>> + Send;

    /// Every token that is not revoked, oldest first.
    fn tokens(&self) -> impl Future<Output = Result<Vec<TokenInfo>, StoreError>> + Send;

    /// Revokes a token. Whether it was there.
    fn drop_token(
        &self,
        id: TokenId,
        now_ms: i64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Secrets, of which nothing here can be opened, and variables. They sort by the bytes of their names.
///
/// Every method fails with a [`StoreError`] when the database does.
pub trait Settings {
    /// The one of this name.
    fn setting(
        &self,
        kind: SettingKind,
        name: &str,
    ) -> impl Future<Output = Result<Option<Setting>, StoreError>> + Send;

    /// The one with this id.
    fn setting_with_id(
        &self,
        kind: SettingKind,
        id: SettingId,
    ) -> impl Future<Output = Result<Option<Setting>, StoreError>> + Send;

    /// Those behind a name, a page at a time.
    fn settings(
        &self,
        kind: SettingKind,
        after: Option<&str>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Setting>, StoreError>> + Send;

    /// The names of all.
    fn setting_names(
        &self,
        kind: SettingKind,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// Sets one, where what is there is what is wanted. It gets a revision that none ever had.
    fn put_setting(
        &self,
        new: &NewSetting,
        wanted: Wanted,
    ) -> impl Future<Output = Result<SettingChange, StoreError>> + Send;

    /// Deletes one, where what is there is what is wanted; one that a published version uses only with `force`.
    fn delete_setting(
        &self,
        kind: SettingKind,
        name: &str,
        wanted: Wanted,
        force: bool,
    ) -> impl Future<Output = Result<SettingChange, StoreError>> + Send;

    /// Which workflows use those from the first name to the last, by the names, then by the workflows' names.
    fn setting_users(
        &self,
        kind: SettingKind,
        first: &str,
        last: &str,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(String, SettingUser)>, StoreError>> + Send;

    /// The workflows whose published version decides by it who may call.
    fn access_users(
        &self,
        kind: SettingKind,
        name: &str,
    ) -> impl Future<Output = Result<Vec<WorkflowId>, StoreError>> + Send;

    /// A number that grows with every change of one.
    fn setting_changes(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// The run log.
///
/// Every method fails with a [`StoreError`] when the database does.
pub trait RunLog {
    /// Stores what was told of runs, in one transaction. What was stored before stays once: a run that has ended does not
    /// change, unless registry-svc had closed it itself ([`NOT_TOLD`], [`NOT_HEARD_OF`]), and an older attempt says nothing
    /// about a newer one. Those that were not known to have ended before, each
    /// with when it was first told to have begun, in milliseconds since the Unix epoch.
    fn put_runs(
        &self,
        runs: &[NewRun],
    ) -> impl Future<Output = Result<BTreeMap<RunId, i64>, StoreError>> + Send;

    /// Runs, newest first.
    fn runs(
        &self,
        filter: &RunFilter,
    ) -> impl Future<Output = Result<Vec<RunSummary>, StoreError>> + Send;

    /// One run, and its packed record.
    fn run(
        &self,
        id: RunId,
    ) -> impl Future<Output = Result<Option<(RunSummary, Vec<u8>)>, StoreError>> + Send;

    /// The names of those of these workflows that are there.
    fn names(
        &self,
        ids: &BTreeSet<WorkflowId>,
    ) -> impl Future<Output = Result<BTreeMap<WorkflowId, String>, StoreError>> + Send;

    /// The workflow of this name.
    fn workflow_named(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<Option<WorkflowId>, StoreError>> + Send;

    /// Drops the runs that began before a day, which is counted in days since the Unix epoch (UTC). How many.
    fn drop_runs(&self, before_day: i64) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// The whole database.
pub trait Store:
    Workflows + Publications + Schedules + Tokens + Settings + RunLog + Clone + Send + Sync + 'static
{
    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it does not.
    fn ping(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Closes every connection, once those in use are given back.
    fn close(&self) -> impl Future<Output = ()> + Send;
}
