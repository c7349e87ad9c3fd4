//! The adapter for PostgreSQL, which any number of registry-svc may share.

use std::time::Duration;

use shared::ids::{ContentHash, EndpointId, SettingId, TokenId, WorkflowId};
use shared::limits::MAX_SETTINGS;
use shared::v1::auth::{SealedCredentials, TokenInfo};
use shared::v1::registry::{PushTarget, TokenRecord};
use shared::v1::settings::{SettingKind, SettingUser, SettingUses, is_setting_name};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};

use super::Store;
use super::adapter::{
    publications, publications_of, schedules, schedules_of, settings, settings_of, tokens,
    tokens_of, workflows, workflows_of,
};
use super::error::StoreError;
use super::model::{
    EndpointFilter, ListedEndpoint, NewSetting, NewVersion, NewWorkflow, Publication,
    PublishedSchedule, Setting, SettingChange, StoredDraft, Wanted, Workflow, WorkflowFilter,
};
use super::open::OpenError;
use super::rows::{
    self, CredentialsRow, EndpointRow, PublicationRow, SettingRow, TokenRow, UserRow, WorkflowRow,
    return_type_word,
};
use super::schedule_rows::{ScheduleRow, TargetRow};
use super::schema;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

const CONNECTIONS: u32 = 16;

/// How long a request waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// A PostgreSQL database.
///
/// Transactions run at PostgreSQL's default level, read committed. That is enough, because each begins with a guarded
/// `UPDATE` of the one row that it is about, which waits for whoever else holds that row and then looks again.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: PgPool,
}

impl PostgresStore {
    /// Connects and brings the schema up to date.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(options: PgConnectOptions) -> Result<Self, OpenError> {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE);
        let pool = pool
            .connect_with(options)
            .await
            .map_err(OpenError::connect)?;
        schema::migrate(&MIGRATIONS, &pool).await?;
        Ok(Self { pool })
    }

    pub(super) fn reader(&self) -> &PgPool {
        &self.pool
    }

    pub(super) fn writer(&self) -> &PgPool {
        &self.pool
    }

    pub(super) async fn begin(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.pool.begin().await
    }
}

workflows_of!(PostgresStore, Postgres);
publications_of!(PostgresStore, Postgres);
schedules_of!(PostgresStore, Postgres);
tokens_of!(PostgresStore, Postgres);
settings_of!(PostgresStore, Postgres);

impl Store for PostgresStore {
    async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(self.reader()).await?;
        Ok(())
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
