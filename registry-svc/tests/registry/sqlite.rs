//! The store on a real SQLite file.

use ops::StartError;
use registry_svc::store::{OpenError, SqliteStore, Store, StoreError, Tokens, Workflows};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tempfile::TempDir;

use crate::suite::samples::workflow;

async fn open() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("deep/registry.db"))
        .await
        .unwrap();
    (store, folder)
}

/// A connection of another program to the same file.
async fn other(folder: &TempDir) -> SqliteConnection {
    options(folder).connect().await.unwrap()
}

fn options(folder: &TempDir) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(folder.path().join("deep/registry.db"))
        .journal_mode(SqliteJournalMode::Wal)
}

crate::suite::run_suite!(open);

#[tokio::test]
async fn what_was_stored_is_there_after_the_file_is_opened_again() {
    let (store, folder) = open().await;
    let new = workflow("orders");
    store.create(&new).await.unwrap();
    store.close().await;
    let again = SqliteStore::open(&folder.path().join("deep/registry.db"))
        .await
        .unwrap();
    assert_eq!(
        again.workflow(new.id).await.unwrap().unwrap().name,
        "orders"
    );
}

#[tokio::test]
async fn a_file_that_another_process_holds_is_refused_with_exit_code_69() {
    let (store, folder) = open().await;
    store.close().await;
    let options = options(&folder).locking_mode(SqliteLockingMode::Exclusive);
    let mut holder = options.connect().await.unwrap();
    sqlx::query("DELETE FROM api_tokens")
        .execute(&mut holder)
        .await
        .unwrap();
    let error = SqliteStore::open(&folder.path().join("deep/registry.db"))
        .await
        .unwrap_err();
    assert!(matches!(error, OpenError::Locked(_)), "{error:?}");
    let error = StartError::from(error);
    assert_eq!(error.exit_code(), 69);
    assert!(
        error.to_string().contains("locked by another process"),
        "{error}"
    );
}

#[tokio::test]
async fn a_write_while_another_process_writes_fails_as_unavailable_and_later_succeeds() {
    let (store, folder) = open().await;
    let mut holder = other(&folder).await;
    let transaction = holder.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let new = workflow("orders");
    assert!(matches!(
        store.create(&new).await,
        Err(StoreError::Unavailable(_))
    ));
    assert_eq!(
        store.tokens().await.unwrap(),
        [],
        "readers do not wait for a writer"
    );
    transaction.rollback().await.unwrap();
    store.create(&new).await.unwrap();
}

#[tokio::test]
async fn the_schema_of_a_newer_release_is_refused_naming_both_versions() {
    let (store, folder) = open().await;
    store.close().await;
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, \
        execution_time) VALUES (98, 'of tomorrow', TRUE, x'00', 1), (99, 'of the day after', TRUE, x'00', 1)";
    sqlx::query(sql)
        .execute(&mut other(&folder).await)
        .await
        .unwrap();
    let error = SqliteStore::open(&folder.path().join("deep/registry.db"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, OpenError::Newer { found: 99, .. }),
        "{error:?}"
    );
    let error = StartError::from(error);
    assert_eq!(error.exit_code(), 69);
    assert!(
        error
            .to_string()
            .contains("version 99, and this release knows it up to"),
        "{error}"
    );
}

#[tokio::test]
async fn a_broken_schema_is_refused_naming_both_versions() {
    for change in ["success = FALSE", "checksum = x'00'"] {
        let (store, folder) = open().await;
        store.close().await;
        let sql = sqlx::AssertSqlSafe(format!("UPDATE _sqlx_migrations SET {change}"));
        sqlx::query(sql)
            .execute(&mut other(&folder).await)
            .await
            .unwrap();
        let error = SqliteStore::open(&folder.path().join("deep/registry.db"))
            .await
            .unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("broken at version 1; this release knows it up to"),
            "{text}"
        );
        assert_eq!(StartError::from(error).exit_code(), 69);
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_with_exit_code_69() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.db");
    std::fs::write(
        &path,
        "this is no database, only a text of some length".repeat(100),
    )
    .unwrap();
    let error = StartError::from(SqliteStore::open(&path).await.unwrap_err());
    assert_eq!(error.exit_code(), 69, "{error}");
}
