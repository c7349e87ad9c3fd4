//! Schedules of published versions, and what new runs need.

use std::sync::Arc;

use registry_svc::store::{EndpointFilter, RunFilter, Store, WorkflowFilter};
use shared::ids::WorkflowId;
use shared::v1::registry::WorkflowSource;
use shared::v1::run::{Trigger, TriggerSource};

use super::runs::ended;
use super::samples::{scheduled, version, workflow};

const HOURLY: &str = r#"{"cron":"@hourly","timezone":"UTC"}"#;

async fn published<S: Store>(store: &S, name: &str, timetable: &str) -> WorkflowId {
    let new = workflow(name);
    store.create(&new).await.unwrap();
    let version = scheduled(1, timetable, 1_000);
    assert!(store.publish(new.id, 1, &version).await.unwrap());
    new.id
}

async fn done_to<S: Store>(store: &S, id: WorkflowId) -> i64 {
    store.schedule(id).await.unwrap().unwrap().done_to_ms
}

pub(crate) async fn a_published_schedule_reads_back_with_what_a_run_needs<S: Store>(store: &S) {
    let new = workflow("report");
    store.create(&new).await.unwrap();
    assert_eq!(store.schedule(new.id).await.unwrap(), None);
    let version = scheduled(1, HOURLY, 1_000);
    assert!(store.publish(new.id, 1, &version).await.unwrap());
    let schedule = store.schedule(new.id).await.unwrap().unwrap();
    assert_eq!(
        (schedule.timetable.as_str(), schedule.data.as_str()),
        (HOURLY, r#"{"a":1}"#)
    );
    assert_eq!(schedule.done_to_ms, 1_000);
    assert_eq!(
        (schedule.target.workflow_id, schedule.target.version),
        (new.id, 1)
    );
    assert_eq!(schedule.target.endpoint_id, new.endpoint);
    assert_eq!(schedule.target.content_hash, version.info.content_hash);
    let shown = store.workflow(new.id).await.unwrap().unwrap();
    assert_eq!(shown.published_source, Some(WorkflowSource::Scheduled));
    let state = shown.schedule.unwrap();
    assert_eq!((state.done_to_ms, state.last_fired_ms), (1_000, None));
    assert!(store.fired(new.id, 1_000, 2_000).await.unwrap());
    let state = store
        .workflow(new.id)
        .await
        .unwrap()
        .unwrap()
        .schedule
        .unwrap();
    assert_eq!(
        (state.done_to_ms, state.last_fired_ms),
        (2_000, Some(2_000))
    );
}

pub(crate) async fn another_timetable_counts_from_its_publish_and_the_same_one_goes_on<S: Store>(
    store: &S,
) {
    let id = published(store, "report", HOURLY).await;
    assert!(
        store
            .publish(id, 1, &scheduled(2, HOURLY, 5_000))
            .await
            .unwrap()
    );
    assert_eq!(
        done_to(store, id).await,
        1_000,
        "a moment that is due is not lost"
    );
    let daily = r#"{"cron":"@daily","timezone":"UTC"}"#;
    assert!(
        store
            .publish(id, 1, &scheduled(3, daily, 6_000))
            .await
            .unwrap()
    );
    assert_eq!(done_to(store, id).await, 6_000);
    assert!(
        store
            .publish(id, 1, &scheduled(4, HOURLY, 5_500))
            .await
            .unwrap()
    );
    assert_eq!(done_to(store, id).await, 6_000, "it never goes back");
    assert!(store.publish(id, 1, &version(5, 1)).await.unwrap());
    assert_eq!(
        store.schedule(id).await.unwrap(),
        None,
        "the new version has none"
    );
}

pub(crate) async fn of_many_that_note_a_moment_at_once_one_does<S: Store>(store: &S) {
    let id = published(store, "report", HOURLY).await;
    let store = Arc::new(store.clone());
    let noting = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.fired(id, 1_000, 2_000).await.unwrap() })
    });
    let mut noted = 0;
    for one in noting.collect::<Vec<_>>() {
        noted += u32::from(one.await.unwrap());
    }
    assert_eq!(noted, 1);
    assert!(
        !store.fired(id, 1_000, 3_000).await.unwrap(),
        "read too early"
    );
    assert!(
        !store.fired(id, 2_000, 1_500).await.unwrap(),
        "a moment of before"
    );
    assert_eq!(done_to(&*store, id).await, 2_000);
}

pub(crate) async fn a_schedule_is_gone_with_its_publication<S: Store>(store: &S) {
    let unpublished = published(store, "one", HOURLY).await;
    assert!(store.unpublish(unpublished).await.unwrap());
    let deleted = published(store, "two", HOURLY).await;
    assert!(store.delete(deleted, None, 9_000).await.unwrap());
    for id in [unpublished, deleted] {
        assert_eq!(store.schedule(id).await.unwrap(), None);
        assert!(!store.fired(id, 1_000, 2_000).await.unwrap());
        assert_eq!(store.target(id).await.unwrap(), None);
    }
    assert_eq!(store.schedules(None, 9).await.unwrap(), []);
    assert!(
        store
            .publish(unpublished, 1, &scheduled(2, HOURLY, 7_000))
            .await
            .unwrap()
    );
    assert_eq!(
        done_to(store, unpublished).await,
        7_000,
        "what was missed meanwhile stays so"
    );
}

pub(crate) async fn schedules_come_page_by_page<S: Store>(store: &S) {
    let mut ids = Vec::new();
    for name in ["one", "two", "three"] {
        ids.push(published(store, name, HOURLY).await);
    }
    ids.sort_by_key(ToString::to_string);
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = store.schedules(after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.target.workflow_id);
        found.extend(page.iter().map(|schedule| schedule.target.workflow_id));
    }
    assert_eq!(found, ids);
}

pub(crate) async fn a_target_is_found_by_name_and_id_while_it_is_published<S: Store>(store: &S) {
    let new = workflow("orders");
    store.create(&new).await.unwrap();
    assert_eq!(store.target_named("orders").await.unwrap(), None);
    assert!(store.publish(new.id, 1, &version(1, 1)).await.unwrap());
    let target = store.target_named("orders").await.unwrap().unwrap();
    assert_eq!(store.target(new.id).await.unwrap(), Some(target.clone()));
    assert_eq!(
        (target.version, target.source),
        (1, WorkflowSource::Listener)
    );
    let scheduled = published(store, "report", HOURLY).await;
    let target = store.target_named("report").await.unwrap().unwrap();
    assert_eq!(
        (target.workflow_id, target.source),
        (scheduled, WorkflowSource::Scheduled)
    );
    assert!(store.unpublish(scheduled).await.unwrap());
    assert_eq!(store.target_named("report").await.unwrap(), None);
}

pub(crate) async fn a_version_without_a_listener_has_no_endpoint<S: Store>(store: &S) {
    let id = published(store, "report", HOURLY).await;
    let filter = EndpointFilter {
        workflows: WorkflowFilter {
            limit: 9,
            ..WorkflowFilter::default()
        },
        ..EndpointFilter::default()
    };
    assert!(store.endpoints(&filter).await.unwrap().is_empty());
    let live = store.publication(id).await.unwrap().unwrap().live.unwrap();
    assert_eq!(live.route, None);
    assert!(store.publish(id, 1, &version(2, 3)).await.unwrap());
    assert_eq!(store.endpoints(&filter).await.unwrap().len(), 1);
}

pub(crate) async fn a_run_keeps_what_started_it<S: Store>(store: &S) {
    let triggers = [
        None,
        Some(Trigger {
            source: TriggerSource::Scheduled,
            scheduled_at_ms: Some(1_700_000_000_000),
        }),
        Some(Trigger {
            source: TriggerSource::Push,
            scheduled_at_ms: None,
        }),
    ];
    for trigger in triggers {
        let mut run = ended();
        run.summary.trigger = trigger;
        store.put_runs(&[run.clone()]).await.unwrap();
        let filter = RunFilter {
            workflow: Some(run.summary.workflow_id),
            limit: 1,
            ..RunFilter::default()
        };
        assert_eq!(store.runs(&filter).await.unwrap()[0].trigger, trigger);
    }
}
