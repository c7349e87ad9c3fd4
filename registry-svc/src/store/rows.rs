//! Rows as the database gives them, and what they mean.

use shared::frame;
use shared::ids::{ContentHash, UrlHashes};
use shared::v1::auth::{Role, SealedCredentials, TokenInfo};
use shared::v1::registry::VersionInfo;
use shared::v1::run::RunMode;
use shared::v1::run_log::{RunState, RunSummary};
use shared::v1::settings::SettingUser;
use shared::v1::views::ReturnType;
use sqlx::FromRow;

use super::error::StoreError;
use super::model::{ListedEndpoint, Publication, ScheduleState, Setting, Views, Workflow};
use super::schedule_rows::{source, trigger};

#[derive(FromRow)]
pub(super) struct WorkflowRow {
    id: String,
    name: String,
    category: Option<String>,
    document: Option<String>,
    draft_hash: Vec<u8>,
    revision: i64,
    last_version: i64,
    endpoint_id: String,
    first_hash: Vec<u8>,
    second_hash: Vec<u8>,
    created_at: i64,
    updated_at: i64,
    number: Option<i64>,
    content_hash: Option<Vec<u8>>,
    message: Option<String>,
    actor: Option<String>,
    published_at: Option<i64>,
    source: String,
    published_source: Option<String>,
    timetable: Option<String>,
    done_to: Option<i64>,
    last_fired: Option<i64>,
}

#[derive(FromRow)]
pub(super) struct CredentialsRow {
    endpoint_key: Option<Vec<u8>>,
    endpoint_secret: Option<Vec<u8>>,
    previous_secret: Option<Vec<u8>>,
    uses: Option<Vec<u8>>,
}

#[derive(FromRow)]
pub(super) struct PublicationRow {
    id: String,
    endpoint_id: String,
    serial: i64,
    last_version: i64,
    content_hash: Option<Vec<u8>>,
    document: Option<String>,
    route: Option<Vec<u8>>,
    credentials: Option<Vec<u8>>,
    access_uses: Option<Vec<u8>>,
    published_at: Option<i64>,
}

#[derive(FromRow)]
pub(super) struct SettingRow {
    id: String,
    name: String,
    value: Vec<u8>,
    revision: i64,
    updated_at: i64,
    updated_by: String,
}

#[derive(FromRow)]
pub(super) struct UserRow {
    setting: String,
    id: String,
    name: String,
    published: bool,
}

#[derive(FromRow)]
pub(super) struct EndpointRow {
    id: String,
    name: String,
    category: Option<String>,
    number: i64,
    content_hash: Vec<u8>,
    message: Option<String>,
    actor: String,
    published_at: i64,
    route: Vec<u8>,
}

#[derive(FromRow)]
pub(super) struct TokenRow {
    id: String,
    name: String,
    role: String,
    created_at: i64,
    expires_at: Option<i64>,
}

#[derive(FromRow)]
pub(super) struct RunRow {
    run_id: String,
    workflow_id: String,
    workflow: Option<String>,
    endpoint_id: String,
    version: i64,
    mode: String,
    state: String,
    trace_id: String,
    request_id: String,
    attempt: i64,
    received_at: i64,
    started_at: i64,
    ended_at: Option<i64>,
    method: String,
    status: Option<i64>,
    steps: i64,
    error: Option<String>,
    replay_of: Option<String>,
    started_by: Option<String>,
    scheduled_at: Option<i64>,
}

impl TryFrom<WorkflowRow> for Workflow {
    type Error = StoreError;

    fn try_from(row: WorkflowRow) -> Result<Self, StoreError> {
        let published = match (row.number, row.content_hash, row.actor, row.published_at) {
            (Some(number), Some(content_hash), Some(actor), Some(published_at_ms)) => {
                Some(VersionInfo {
                    number: count(number)?,
                    content_hash: content(&content_hash)?,
                    published_at_ms,
                    actor: id(&actor)?,
                    message: row.message,
                })
            }
            _ => None,
        };
        let schedule = row.timetable.zip(row.done_to);
        let published_source = row.published_source.as_deref().map(source);
        Ok(Self {
            source: source(&row.source)?,
            published_source: published_source.transpose()?,
            schedule: schedule.map(|(timetable, done_to_ms)| ScheduleState {
                timetable,
                done_to_ms,
                last_fired_ms: row.last_fired,
            }),
            id: id(&row.id)?,
            name: row.name,
            category: row.category,
            document: row.document,
            draft_hash: content(&row.draft_hash)?,
            revision: count(row.revision)?,
            last_version: count(row.last_version)?,
            endpoint: id(&row.endpoint_id)?,
            hashes: UrlHashes::new(bytes(&row.first_hash)?, bytes(&row.second_hash)?),
            created_at_ms: row.created_at,
            updated_at_ms: row.updated_at,
            published,
        })
    }
}

impl TryFrom<CredentialsRow> for SealedCredentials {
    type Error = StoreError;

    fn try_from(row: CredentialsRow) -> Result<Self, StoreError> {
        Ok(Self {
            endpoint_key: unpack(row.endpoint_key)?,
            endpoint_secret: unpack(row.endpoint_secret)?,
            previous_secret: unpack(row.previous_secret)?,
            uses: unpack(row.uses)?.unwrap_or_default(),
        })
    }
}

impl TryFrom<PublicationRow> for Publication {
    type Error = StoreError;

    fn try_from(row: PublicationRow) -> Result<Self, StoreError> {
        let live = match (row.content_hash, row.document, row.route, row.published_at) {
            (Some(content_hash), Some(document), Some(route), Some(published_at_ms)) => {
                Some(Views {
                    content_hash: content(&content_hash)?,
                    document,
                    // The column is not to be null, and that of a version without a listener is empty.
                    route: (!route.is_empty()).then_some(route),
                    credentials: row.credentials,
                    access: unpack(row.access_uses)?.unwrap_or_default(),
                    published_at_ms,
                })
            }
            _ => None,
        };
        Ok(Self {
            workflow: id(&row.id)?,
            endpoint: id(&row.endpoint_id)?,
            serial: count(row.serial)?,
            last_version: count(row.last_version)?,
            live,
        })
    }
}

impl TryFrom<EndpointRow> for ListedEndpoint {
    type Error = StoreError;

    fn try_from(row: EndpointRow) -> Result<Self, StoreError> {
        Ok(Self {
            workflow: id(&row.id)?,
            name: row.name,
            category: row.category,
            version: VersionInfo {
                number: count(row.number)?,
                content_hash: content(&row.content_hash)?,
                published_at_ms: row.published_at,
                actor: id(&row.actor)?,
                message: row.message,
            },
            route: row.route,
        })
    }
}

impl TryFrom<TokenRow> for TokenInfo {
    type Error = StoreError;

    fn try_from(row: TokenRow) -> Result<Self, StoreError> {
        let role = [Role::Viewer, Role::Editor, Role::Admin]
            .into_iter()
            .find(|role| role.as_str() == row.role)
            .ok_or(StoreError::Unreadable("role"))?;
        Ok(Self {
            id: id(&row.id)?,
            name: row.name,
            role,
            created_at_ms: row.created_at,
            expires_at_ms: row.expires_at,
        })
    }
}

impl TryFrom<SettingRow> for Setting {
    type Error = StoreError;

    fn try_from(row: SettingRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(&row.id)?,
            name: row.name,
            value: row.value,
            revision: count(row.revision)?,
            updated_at_ms: row.updated_at,
            updated_by: id(&row.updated_by)?,
        })
    }
}

impl TryFrom<RunRow> for RunSummary {
    type Error = StoreError;

    fn try_from(row: RunRow) -> Result<Self, StoreError> {
        let mode = [RunMode::Sync, RunMode::Async]
            .into_iter()
            .find(|mode| mode_word(*mode) == row.mode)
            .ok_or(StoreError::Unreadable("run mode"))?;
        let state = RunState::named(&row.state).ok_or(StoreError::Unreadable("run state"))?;
        let small =
            |number: i64| u32::try_from(number).map_err(|_| StoreError::Unreadable("count"));
        Ok(Self {
            run_id: id(&row.run_id)?,
            workflow_id: id(&row.workflow_id)?,
            workflow: row.workflow,
            endpoint_id: id(&row.endpoint_id)?,
            version: count(row.version)?,
            mode,
            state,
            trace_id: row.trace_id,
            request_id: id(&row.request_id)?,
            attempt: small(row.attempt)?,
            received_at_ms: row.received_at,
            started_at_ms: row.started_at,
            ended_at_ms: row.ended_at,
            method: row.method,
            status: row.status.and_then(|status| u16::try_from(status).ok()),
            steps: small(row.steps)?,
            error: row.error,
            replay_of: row.replay_of.map(|run| id(&run)).transpose()?,
            trigger: trigger(row.started_by.as_deref(), row.scheduled_at)?,
        })
    }
}

/// Who uses which secret or variable: the rows of one workflow, which stand side by side, become one.
pub(super) fn users(rows: Vec<UserRow>) -> Result<Vec<(String, SettingUser)>, StoreError> {
    let mut users: Vec<(String, SettingUser)> = Vec::new();
    for row in rows {
        let workflow_id = id(&row.id)?;
        let before = users
            .last_mut()
            .filter(|(setting, user)| *setting == row.setting && user.workflow_id == workflow_id);
        if let Some((_, user)) = before {
            user.draft |= !row.published;
            user.published |= row.published;
            continue;
        }
        let user = SettingUser {
            workflow_id,
            name: row.name,
            draft: !row.published,
            published: row.published,
        };
        users.push((row.setting, user));
    }
    Ok(users)
}

/// Every row as what it means.
pub(super) fn all<R, T: TryFrom<R, Error = StoreError>>(
    rows: Vec<R>,
) -> Result<Vec<T>, StoreError> {
    rows.into_iter().map(T::try_from).collect()
}

pub(super) fn id<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Unreadable("id"))
}

pub(super) fn count(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Unreadable("count"))
}

/// A count as the database holds it. Counts begin at 0 and grow by one, so the bound is never met.
pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A sealed value as the database holds it.
pub(super) fn pack<T: serde::Serialize>(value: Option<&T>) -> Result<Option<Vec<u8>>, StoreError> {
    let packed = value.map(frame::pack).transpose();
    let packed = packed.map_err(|_| StoreError::Unreadable("credential"))?;
    Ok(packed.map(|bytes| bytes.to_vec()))
}

fn unpack<T: serde::de::DeserializeOwned>(bytes: Option<Vec<u8>>) -> Result<Option<T>, StoreError> {
    let value = bytes.map(|bytes| frame::unpack(&bytes)).transpose();
    value.map_err(|_| StoreError::Unreadable("credential"))
}

pub(super) fn content(hash: &[u8]) -> Result<ContentHash, StoreError> {
    bytes(hash).map(ContentHash)
}

fn bytes<const N: usize>(stored: &[u8]) -> Result<[u8; N], StoreError> {
    stored
        .try_into()
        .map_err(|_| StoreError::Unreadable("hash"))
}

/// A return type as the database holds it: the word that authors write.
pub(super) const fn return_type_word(return_type: ReturnType) -> &'static str {
    match return_type {
        ReturnType::Data => "data",
        ReturnType::Html => "html",
        ReturnType::Redirect => "redirect",
        ReturnType::Continue => "continue",
        ReturnType::Sse => "sse",
    }
}

/// A run mode as the database holds it.
pub(super) const fn mode_word(mode: RunMode) -> &'static str {
    match mode {
        RunMode::Sync => "sync",
        RunMode::Async => "async",
    }
}
