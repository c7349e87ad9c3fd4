//! Many at once: whatever the order, the buckets end up as the database is.

use futures_util::future::join_all;
use serde_json::json;
use shared::ids::WorkflowId;
use shared::subjects;
use shared::v1::registry::{DeleteWorkflow, UpdateWorkflow};

use super::gateway::Gateway;
use super::platform::{Platform, SOON, ask, draft, echo, publish};

/// A publish, an unpublish or a new draft, by turns.
async fn change(bus: &bus::Bus, id: WorkflowId, turn: usize) {
    let done = match turn % 3 {
        0 => ask(bus, publish(id)).await.map(|_| ()),
        1 => ask(bus, shared::v1::registry::Unpublish { id })
            .await
            .map(|_| ()),
        _ => {
            let mut document = echo(&format!("w{}", turn % 4));
            document["metadata"]["name"] = json!(format!("w{id}"));
            document["spec"]["listener"]["return_data"] = json!(format!("{turn}"));
            let draft = draft(&document);
            ask(
                bus,
                UpdateWorkflow {
                    id,
                    if_match: "*".into(),
                    draft,
                },
            )
            .await
            .map(|_| ())
        }
    };
    done.unwrap();
}

/// That the buckets hold the published versions and nothing else.
async fn assert_in_line(platform: &Platform, ids: &[WorkflowId]) {
    let mut live = Vec::new();
    for id in ids {
        let workflow = platform.get(*id).await;
        let route = platform.route(&workflow).await;
        let published = workflow.published.as_ref();
        assert_eq!(
            route
                .as_ref()
                .map(|route| (route.version, route.content_hash)),
            published.map(|version| (version.number, version.content_hash)),
        );
        if let Some(route) = route {
            assert!(platform.document(&route).await.is_some());
            live.push(subjects::endpoint_key(route.endpoint_id));
        }
    }
    let mut keys = platform
        .bucket(subjects::ROUTES_BUCKET)
        .await
        .keys()
        .await
        .unwrap();
    keys.sort();
    live.sort();
    assert_eq!(keys, live);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_changes_at_once_leave_buckets_and_database_in_line() {
    let platform = Platform::start().await;
    let _gateway = Gateway::start(&platform.bus).await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        ids.push(platform.create(&echo(name)).await.workflow.id);
    }
    let changes = (0..200).map(|turn| change(&platform.bus, ids[turn / 3 % 4], turn));
    join_all(changes).await;
    assert_in_line(&platform, &ids).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_registries_on_one_database_leave_the_buckets_in_line() {
    let platform = Platform::start_on_postgres().await;
    let (other, _) = platform.start_another().await;
    let mut ids = Vec::new();
    for name in ["a", "b"] {
        ids.push(platform.create(&echo(name)).await.workflow.id);
    }
    for _ in 0..5 {
        let changes = (0..40).map(|turn| change(&platform.bus, ids[turn / 3 % 2], turn));
        join_all(changes).await;
        assert_in_line(&platform, &ids).await;
    }
    ops::Service::drain(other, SOON).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_publishes_of_one_draft_one_makes_a_version() {
    let platform = Platform::start_on_postgres().await;
    let (other, _) = platform.start_another().await;
    let id = platform.create(&echo("orders")).await.workflow.id;
    let published = join_all((0..30).map(|_| platform.publish(id))).await;
    assert!(
        published
            .iter()
            .all(|info| info.published.as_ref().unwrap().number == 1)
    );
    ops::Service::drain(other, SOON).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_updates_for_one_etag_one_is_done() {
    let platform = Platform::start_on_postgres().await;
    let id = platform.create(&echo("orders")).await.workflow.id;
    let updates = (0..20).map(|turn| {
        let draft = draft(&echo(&format!("orders-{turn}")));
        platform.ask(UpdateWorkflow {
            id,
            if_match: "1".to_owned(),
            draft,
        })
    });
    let done = join_all(updates)
        .await
        .into_iter()
        .filter(Result::is_ok)
        .count();
    assert_eq!(done, 1);
    assert_eq!(platform.get(id).await.etag, "2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_deletions_one_is_done() {
    let platform = Platform::start().await;
    let id = platform.create(&echo("orders")).await.workflow.id;
    platform.publish(id).await;
    let deletions = (0..20).map(|_| {
        platform.ask(DeleteWorkflow {
            id,
            if_match: "*".to_owned(),
        })
    });
    let done = join_all(deletions)
        .await
        .into_iter()
        .filter(Result::is_ok)
        .count();
    assert_eq!(done, 1);
}
