//! The adapter for SQLite, for a platform with one registry-svc.

use std::path::Path;
use std::time::Duration;

use shared::ids::{ContentHash, EndpointId, SettingId, TokenId, WorkflowId};
use shared::limits::MAX_SETTINGS;
use shared::v1::auth::{SealedCredentials, TokenInfo};
use shared::v1::registry::{PushTarget, TokenRecord};
use shared::v1::settings::{SettingKind, SettingUser, SettingUses, is_setting_name};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};

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

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How long a statement waits for another process that holds the database.
const BUSY: Duration = Duration::from_secs(3);

const READERS: u32 = 4;

/// How much of the file each reader keeps in memory: 16 MiB, counted in KiB below zero. Searches read thousands of rows.
const READ_CACHE: &str = "-16384";

/// A SQLite file: one connection writes, several read.
///
/// SQLite lets one write at a time, so writers queue for the one connection rather than for the file's lock. The file
/// is in WAL mode, where readers never wait for the writer, and `synchronous` is `FULL`: a commit is on the disk, and a
/// power loss takes back nothing that was acknowledged. It costs one fsync for each write.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens the file at `path`, making it and its folder where they are missing, and brings its schema up to date.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        make_file(path).await.map_err(|source| OpenError::File {
            file: path.to_owned(),
            source,
        })?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(2 * BUSY);
        let writer = pool
            .connect_with(options.clone())
            .await
            .map_err(OpenError::connect)?;
        schema::migrate(&MIGRATIONS, &writer).await?;
        let pool = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(2 * BUSY);
        let options = options.read_only(true).pragma("cache_size", READ_CACHE);
        let readers = pool.connect_with(options).await;
        Ok(Self {
            writer,
            readers: readers.map_err(OpenError::connect)?,
        })
    }

    pub(super) fn reader(&self) -> &SqlitePool {
        &self.readers
    }

    pub(super) fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// A transaction that takes the file's lock at once: taking it later could fail without a wait.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }
}

/// Makes the file and its folder where they are missing. It holds the URLs of endpoints, so it is for its owner alone;
/// SQLite gives the files beside it the same mode.
async fn make_file(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await?;
    }
    let mut options = tokio::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path).await.map(|_| ())
}

workflows_of!(SqliteStore, Sqlite);
publications_of!(SqliteStore, Sqlite);
schedules_of!(SqliteStore, Sqlite);
tokens_of!(SqliteStore, Sqlite);
settings_of!(SqliteStore, Sqlite);

impl Store for SqliteStore {
    async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(self.reader()).await?;
        Ok(())
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_commit_is_on_the_disk_before_it_is_acknowledged_and_readers_never_wait() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("registry.db"))
            .await
            .unwrap();
        let full: i64 = sqlx::query_scalar("PRAGMA synchronous")
            .fetch_one(store.writer())
            .await
            .unwrap();
        assert_eq!(full, 2, "2 is FULL");
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
            .fetch_one(store.writer())
            .await
            .unwrap();
        assert_eq!(mode, "wal");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let _store = SqliteStore::open(&folder.path().join("registry.db"))
            .await
            .unwrap();
        let mut files = 0;
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap();
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", file.path().display());
            files += 1;
        }
        assert!(files > 1, "the write-ahead log is there as well");
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("registry.db"))
            .await
            .unwrap();
        let refused = sqlx::query("DELETE FROM workflows")
            .execute(store.reader())
            .await;
        assert!(refused.is_err());
    }
}
