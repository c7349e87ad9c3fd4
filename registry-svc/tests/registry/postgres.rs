//! The store on a real PostgreSQL.

use ops::StartError;
use registry_svc::store::{OpenError, PostgresStore, Store, StoreError, Tokens, Workflows};
use sqlx::{Connection, PgConnection};
use testkit::postgres::Server;

use crate::suite::samples::workflow;

async fn open() -> (PostgresStore, String) {
    let url = Server::shared().create_database();
    (
        PostgresStore::open(url.parse().unwrap()).await.unwrap(),
        url,
    )
}

crate::suite::run_suite!(open);

#[tokio::test]
async fn what_was_stored_is_seen_by_every_registry_on_the_database() {
    let (store, url) = open().await;
    let other = PostgresStore::open(url.parse().unwrap()).await.unwrap();
    let new = workflow("orders");
    store.create(&new).await.unwrap();
    assert_eq!(
        other.workflow(new.id).await.unwrap().unwrap().name,
        "orders"
    );
}

#[tokio::test]
async fn registries_that_start_at_once_upgrade_the_schema_once() {
    let url = Server::shared().create_database();
    let starts = (0..4).map(|_| PostgresStore::open(url.parse().unwrap()));
    for store in futures_util::future::join_all(starts).await {
        assert_eq!(store.unwrap().tokens().await.unwrap(), []);
    }
}

#[tokio::test]
async fn the_schema_of_a_newer_release_is_refused_naming_both_versions() {
    let (store, url) = open().await;
    store.close().await;
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, \
        execution_time) VALUES (98, 'of tomorrow', TRUE, 'x', 1), (99, 'of the day after', TRUE, 'x', 1)";
    let mut admin = PgConnection::connect(&url).await.unwrap();
    sqlx::query(sql).execute(&mut admin).await.unwrap();
    let error = PostgresStore::open(url.parse().unwrap()).await.unwrap_err();
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
    let (store, url) = open().await;
    store.close().await;
    let mut admin = PgConnection::connect(&url).await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET success = FALSE")
        .execute(&mut admin)
        .await
        .unwrap();
    let error = PostgresStore::open(url.parse().unwrap()).await.unwrap_err();
    assert!(
        matches!(error, OpenError::Dirty { found: 1, .. }),
        "{error:?}"
    );
    assert_eq!(StartError::from(error).exit_code(), 69);
}

#[tokio::test]
async fn a_server_that_dies_is_told_as_unavailable() {
    let server = Server::start();
    let store = PostgresStore::open(server.create_database().parse().unwrap())
        .await
        .unwrap();
    server.process().kill();
    assert!(matches!(
        store.ping().await,
        Err(StoreError::Unavailable(_))
    ));
    assert!(matches!(
        store.create(&workflow("a")).await,
        Err(StoreError::Unavailable(_))
    ));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_refused_with_exit_code_69() {
    let url = "postgres://earshot@127.0.0.1:1/earshot";
    let error = StartError::from(PostgresStore::open(url.parse().unwrap()).await.unwrap_err());
    assert_eq!(error.exit_code(), 69, "{error}");
}
