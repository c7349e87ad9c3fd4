//! Starting, stopping, and coming back from what the others do.

use bus::kv::Bucket;
use bytes::Bytes;
use futures_util::future::join_all;
use ops::Service;
use serde_json::json;
use shared::codes::Code;
use shared::subjects::{self, endpoint_key};
use shared::v1::registry::{GetDocument, GetWorkflow};
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteLockingMode};
use testkit::{nats, until};
use uuid::Uuid;

use super::platform::{Platform, SOON, connect, echo, start};

#[tokio::test]
async fn a_restart_keeps_everything() {
    let mut platform = Platform::start().await;
    let id = platform.create(&echo("orders")).await.workflow.id;
    let before = platform.publish(id).await;
    platform.stop_registry().await;
    assert_eq!(
        platform.refused(GetWorkflow { id }).await.code,
        Code::RegistryUnavailable
    );
    assert!(
        platform.route(&before).await.is_some(),
        "what is live stays so"
    );
    let (registry, health) = platform.start_another().await;
    assert!(health.is_ready(), "{:?}", health.report());
    assert_eq!(platform.get(id).await, before);
    platform.registry = Some(registry);
}

#[tokio::test]
async fn an_empty_nats_is_filled_at_start() {
    let mut platform = Platform::start().await;
    let mut published = Vec::new();
    for name in ["a", "b", "c"] {
        let id = platform.create(&echo(name)).await.workflow.id;
        published.push(platform.publish(id).await);
    }
    platform.unpublish(published[2].id).await;
    platform.stop_registry().await;
    platform.nats = nats::Server::start();
    platform.bus = connect(&platform.nats).await;
    let (registry, _) = platform.start_another().await;
    for (workflow, live) in published.iter().zip([true, true, false]) {
        let route = platform.route(workflow).await;
        assert_eq!(route.is_some(), live);
        if let Some(route) = route {
            assert!(platform.document(&route).await.is_some());
        }
    }
    registry.drain(SOON).await;
}

#[tokio::test]
async fn buckets_that_were_tampered_with_are_mended_at_start() {
    let mut platform = Platform::start().await;
    let mut published = Vec::new();
    for name in ["gone", "wrong", "fine", "bare"] {
        let id = platform.create(&echo(name)).await.workflow.id;
        published.push(platform.publish(id).await);
    }
    platform.stop_registry().await;
    let routes = platform.bucket(subjects::ROUTES_BUCKET).await;
    let credentials = platform.bucket(subjects::CREDENTIALS_BUCKET).await;
    let keys: Vec<_> = published
        .iter()
        .map(|workflow| endpoint_key(workflow.endpoint.as_ref().unwrap().id))
        .collect();
    let fine = routes.get(&keys[2]).await.unwrap();
    routes.delete(&keys[0]).await.unwrap();
    routes
        .put(&keys[1], Bytes::from_static(b"wrong"))
        .await
        .unwrap();
    routes
        .put(&Uuid::now_v7().to_string(), Bytes::from_static(b"stranger"))
        .await
        .unwrap();
    routes
        .put("no-id", Bytes::from_static(b"stranger"))
        .await
        .unwrap();
    credentials
        .put(&keys[2], Bytes::from_static(b"stranger"))
        .await
        .unwrap();
    let document = platform
        .route(&published[3])
        .await
        .unwrap()
        .content_hash
        .to_string();
    let documents = platform.bucket(subjects::DOCUMENTS_BUCKET).await;
    documents.delete(&document).await.unwrap();

    let (registry, _) = platform.start_another().await;
    for workflow in &published {
        let route = platform.route(workflow).await.unwrap();
        assert!(
            platform.document(&route).await.is_some(),
            "{}",
            workflow.name
        );
        assert_eq!(platform.credentials(workflow).await, None);
    }
    assert_eq!(routes.get(&keys[2]).await.unwrap(), fine);
    assert_eq!(routes.keys().await.unwrap().len(), 4);
    registry.drain(SOON).await;
}

#[tokio::test]
async fn documents_of_former_versions_leave_their_bucket_and_are_still_given_to_runs() {
    let mut platform = Platform::start().await;
    let id = platform.create(&echo("orders")).await.workflow.id;
    let first = platform.route(&platform.publish(id).await).await.unwrap();
    let mut changed = echo("orders");
    changed["spec"]["listener"]["return_data"] = json!("changed");
    platform.update(id, &changed).await;
    let second = platform.route(&platform.publish(id).await).await.unwrap();
    assert_ne!(first.content_hash, second.content_hash);
    platform.stop_registry().await;
    let (registry, _) = platform.start_another().await;
    let documents = platform.bucket(subjects::DOCUMENTS_BUCKET).await;
    let kept = documents.keys().await.unwrap();
    assert_eq!(kept, [second.content_hash.to_string()]);
    let asked = GetDocument {
        content_hash: first.content_hash,
    };
    assert!(platform.ask(asked).await.unwrap().is_some());
    registry.drain(SOON).await;
}

#[tokio::test]
async fn buckets_that_differ_after_nats_was_away_are_mended() {
    let platform = Platform::start().await;
    let id = platform.create(&echo("orders")).await.workflow.id;
    let published = platform.publish(id).await;
    let key = endpoint_key(published.endpoint.as_ref().unwrap().id);
    let routes = platform.bucket(subjects::ROUTES_BUCKET).await;
    routes.delete(&key).await.unwrap();
    platform.nats.stop();
    until(SOON, "registry-svc to miss NATS", async || {
        (!platform.health.is_ready()).then_some(())
    })
    .await;
    platform.nats.restart();
    until(SOON, "the route to be back", async || {
        routes.get(&key).await.ok().flatten().map(|_| ())
    })
    .await;
    until(SOON, "registry-svc to be ready", async || {
        platform.health.is_ready().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_nats_that_comes_back_empty_is_filled() {
    let platform = Platform::start().await;
    let id = platform.create(&echo("orders")).await.workflow.id;
    let published = platform.publish(id).await;
    let key = endpoint_key(published.endpoint.as_ref().unwrap().id);
    let before = platform.route(&published).await.unwrap();
    platform.nats.restart_empty();
    let routes = until(SOON, "the buckets to be back", async || {
        let bucket = Bucket::open(&platform.bus, subjects::ROUTES_BUCKET).await;
        bucket.ok()
    })
    .await;
    until(SOON, "the route to be back", async || {
        routes.get(&key).await.ok().flatten()
    })
    .await;
    assert_eq!(platform.route(&published).await.unwrap(), before);
    assert!(platform.document(&before).await.is_some());
    assert_eq!(platform.publish(id).await, published);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_answers_what_was_taken_in() {
    let mut platform = Platform::start().await;
    let id = platform.create(&echo("orders")).await.workflow.id;
    let registry = platform.registry.take().unwrap();
    let asked = join_all((0..200).map(|_| platform.ask(GetWorkflow { id })));
    let ((), answers) = tokio::join!(registry.drain(SOON), asked);
    for answer in answers {
        // What came too late was told so at once, by NATS.
        if let Err(failure) = answer {
            assert_eq!(failure.code, Code::RegistryUnavailable);
            assert!(failure.detail.contains("no instance"), "{}", failure.detail);
        }
    }
}

#[tokio::test]
async fn a_database_that_another_process_holds_is_refused_with_exit_code_69() {
    let mut platform = Platform::start().await;
    platform.stop_registry().await;
    let path = platform.database_url().strip_prefix("sqlite://").unwrap();
    let options = SqliteConnectOptions::new()
        .filename(path)
        .locking_mode(SqliteLockingMode::Exclusive);
    let mut holder = options.connect().await.unwrap();
    sqlx::query("DELETE FROM api_tokens")
        .execute(&mut holder)
        .await
        .unwrap();
    let refused = start(&platform.nats.url(), platform.database_url()).await;
    let error = refused.err().unwrap();
    assert_eq!(error.exit_code(), 69);
    assert!(
        error.to_string().contains("locked by another process"),
        "{error}"
    );
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_refused_with_exit_code_64() {
    let nats = nats::Server::start();
    for database in ["mysql://localhost/earshot", "sqlite://"] {
        let error = start(&nats.url(), database).await.err().unwrap();
        assert_eq!(error.exit_code(), 64, "{error}");
    }
}

#[tokio::test]
async fn a_database_that_goes_away_is_told_and_makes_the_service_unready() {
    let postgres = testkit::postgres::Server::start();
    let nats = nats::Server::start();
    let (registry, health) = start(&nats.url(), &postgres.create_database())
        .await
        .unwrap();
    assert!(health.is_ready());
    postgres.process().kill();
    until(SOON, "registry-svc to miss its database", async || {
        (!health.is_ready()).then_some(())
    })
    .await;
    let bus = connect(&nats).await;
    let list = shared::v1::registry::AllTokens {};
    let failure = super::platform::ask(&bus, list).await.unwrap_err();
    assert_eq!(failure.code, Code::RegistryUnavailable);
    registry.drain(SOON).await;
}
