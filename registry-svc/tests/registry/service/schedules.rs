//! Schedules, with nobody who takes the runs out of the queue: what is in it was started.

use bus::queue::Jobs;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::frame;
use shared::ids::WorkflowId;
use shared::subjects;
use shared::v1::registry::{FindTarget, ResolveWorkflow, WorkflowSource};
use shared::v1::run::{RunRequest, TriggerSource};
use testkit::until;

use super::platform::{Platform, SOON};

fn scheduled(name: &str, schedule: &Value) -> Value {
    json!({
        "apiVersion": "earshot/v1",
        "kind": "Workflow",
        "metadata": {"name": name},
        "spec": {"record_type": "virtual", "source": "scheduled", "schedule": schedule},
    })
}

fn in_seconds(seconds: i64) -> Timestamp {
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    now + SignedDuration::from_secs(seconds)
}

/// Publishes a workflow whose only moment for an hour is this one.
async fn publish_at(platform: &Platform, name: &str, moment: Timestamp) -> WorkflowId {
    let schedule = json!({"every": "1 hour", "from": moment.to_string(), "data": {"n": name}});
    let id = platform
        .create(&scheduled(name, &schedule))
        .await
        .workflow
        .id;
    platform.publish(id).await;
    id
}

async fn fired(platform: &Platform, id: WorkflowId, moment: Timestamp) {
    until(SOON, "the moment to be noted", async || {
        let schedule = platform.get(id).await.schedule.unwrap();
        (schedule.last_ms == Some(moment.as_millisecond())).then_some(())
    })
    .await;
}

/// Takes every run out of the queue, with its data.
async fn queued(platform: &Platform) -> Vec<(RunRequest, Value)> {
    let mut jobs = Jobs::open(&platform.bus).await.unwrap();
    let mut batch = jobs.ask(100).await.unwrap();
    let mut runs = Vec::new();
    while let Some(job) = batch.next().await.unwrap() {
        let frame = frame::decode(job.payload()).unwrap();
        let data = serde_json::from_slice(&frame.body).unwrap();
        runs.push((frame.head().unwrap(), data));
    }
    runs
}

async fn two_start_once(platform: Platform) {
    let (another, _) = platform.start_another().await;
    let (third, _) = platform.start_another().await;
    let moment = in_seconds(3);
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(publish_at(&platform, &format!("w{n}"), moment).await);
    }
    for id in &ids {
        fired(&platform, *id, moment).await;
    }
    // What the others learnt at their start or from the database, they have tried by then, too.
    for registry in [another, third] {
        ops::Service::drain(registry, SOON).await;
    }
    let runs = queued(&platform).await;
    let mut started: Vec<WorkflowId> = runs.iter().map(|(run, _)| run.workflow_id).collect();
    started.sort();
    ids.sort();
    assert_eq!(started, ids);
    for (run, data) in &runs {
        let trigger = run.trigger.unwrap();
        assert_eq!(trigger.source, TriggerSource::Scheduled);
        assert_eq!(trigger.scheduled_at_ms, Some(moment.as_millisecond()));
        assert!(data["n"].as_str().unwrap().starts_with('w'));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_instances_start_a_run_once_on_sqlite() {
    two_start_once(Platform::start().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_instances_start_a_run_once_on_postgresql() {
    two_start_once(Platform::start_on_postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_dies_between_the_run_and_its_note_starts_it_once() {
    let mut platform = Platform::start().await;
    let moment = in_seconds(1);
    let id = publish_at(&platform, "w", moment).await;
    fired(&platform, id, moment).await;
    platform.stop_registry().await;
    // As if it had died before it could note the moment.
    let database = sqlx::SqlitePool::connect(platform.database_url())
        .await
        .unwrap();
    let forget = "UPDATE schedules SET done_to = done_to - 1000, last_fired = NULL";
    sqlx::query(forget).execute(&database).await.unwrap();
    database.close().await;
    platform.registry = Some(platform.start_another().await.0);
    fired(&platform, id, moment).await;
    assert_eq!(queued(&platform).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_without_a_listener_has_a_document_and_no_route() {
    let platform = Platform::start().await;
    let id = publish_at(&platform, "w", in_seconds(1_000)).await;
    let info = platform.get(id).await;
    assert_eq!(
        (info.source, info.endpoint.as_ref()),
        (WorkflowSource::Scheduled, None)
    );
    let target = platform.ask(FindTarget { id }).await.unwrap().unwrap();
    let named = ResolveWorkflow {
        name: "w".to_owned(),
    };
    assert_eq!(platform.ask(named).await.unwrap().as_ref(), Some(&target));
    assert_eq!(target.source, WorkflowSource::Scheduled);
    let routes = platform.bucket(subjects::ROUTES_BUCKET).await;
    assert_eq!(routes.keys().await.unwrap(), Vec::<String>::new());
    let documents = platform.bucket(subjects::DOCUMENTS_BUCKET).await;
    assert_eq!(
        documents.keys().await.unwrap(),
        [target.content_hash.to_string()]
    );
    let nothing = platform
        .ask(FindTarget {
            id: WorkflowId(uuid::Uuid::nil()),
        })
        .await;
    assert_eq!(nothing.unwrap_err().code, shared::codes::Code::NotFound);
    platform.unpublish(id).await;
    assert_eq!(platform.ask(FindTarget { id }).await.unwrap(), None);
}
