//! Thousands of schedules that are due at the same second.

use std::collections::HashSet;

use bus::queue::Jobs;
use jiff::Timestamp;
use serde_json::json;
use shared::frame;
use shared::ids::WorkflowId;
use shared::v1::run::RunRequest;
use sqlx::{AssertSqlSafe, SqlitePool};
use tokio::time::Instant;

use super::platform::{Platform, SOON, echo};

const MANY: usize = 2_000;

/// Copies the rows of the only workflow, each copy with ids of its own.
async fn multiply(database: &SqlitePool) {
    let id = "printf('00000000-0000-7000-8000-%012x', n)";
    let copies = format!(
        "WITH RECURSIVE copies(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM copies WHERE n < {MANY})"
    );
    for (table, own) in [
        (
            "workflows",
            vec![
                ("id", id),
                ("endpoint_id", id),
                ("name", "'w' || n"),
                ("first_hash", "randomblob(32)"),
                ("second_hash", "randomblob(32)"),
            ],
        ),
        ("versions", vec![("workflow_id", id)]),
        ("published", vec![("workflow_id", id)]),
        ("schedules", vec![("workflow_id", id)]),
    ] {
        let columns = format!("SELECT name FROM pragma_table_info('{table}')");
        let columns: Vec<String> = sqlx::query_scalar(AssertSqlSafe(columns))
            .fetch_all(database)
            .await
            .unwrap();
        let values = columns.iter().map(|column| {
            let own = own.iter().find(|(name, _)| name == column);
            own.map_or(column.as_str(), |(_, value)| *value)
        });
        let values: Vec<&str> = values.collect();
        // Only the row that is copied from: the first by its number.
        let copy = format!(
            "{copies} INSERT INTO {table} ({}) SELECT {} FROM (SELECT * FROM {table} LIMIT 1), copies",
            columns.join(", "),
            values.join(", ")
        );
        let done = sqlx::query(AssertSqlSafe(copy)).execute(database).await;
        assert_eq!(done.unwrap().rows_affected() as usize, MANY - 1, "{table}");
    }
}

async fn fired(database: &SqlitePool) -> usize {
    let count = "SELECT COUNT(*) FROM schedules WHERE last_fired IS NOT NULL";
    let count: i64 = sqlx::query_scalar(count).fetch_one(database).await.unwrap();
    usize::try_from(count).unwrap()
}

/// Takes every run out of the queue: each workflow, and the moment of its run.
async fn started(platform: &Platform) -> Vec<(WorkflowId, Option<i64>)> {
    let mut jobs = Jobs::open(&platform.bus).await.unwrap();
    let mut started = Vec::new();
    loop {
        let before = started.len();
        let mut batch = jobs.ask(100).await.unwrap();
        while let Some(job) = batch.next().await.unwrap() {
            let run: RunRequest = frame::decode(job.payload()).unwrap().head().unwrap();
            started.push((run.workflow_id, run.trigger.unwrap().scheduled_at_ms));
            assert!(job.done().await);
        }
        if started.len() == before {
            return started;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_schedules_due_at_once_start_once_each_and_hold_nobody_up() {
    let mut platform = Platform::start().await;
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    let moment = now + jiff::SignedDuration::from_secs(3);
    let schedule = json!({"every": "1 hour", "from": moment.to_string()});
    let document = json!({
        "apiVersion": "earshot/v1",
        "kind": "Workflow",
        "metadata": {"name": "w"},
        "spec": {"record_type": "virtual", "source": "scheduled", "schedule": schedule},
    });
    let first = platform.create(&document).await.workflow.id;
    platform.publish(first).await;
    platform.stop_registry().await;
    let database = SqlitePool::connect(platform.database_url()).await.unwrap();
    // Whether or not the moment has come by now, nothing of it is noted.
    sqlx::query("UPDATE schedules SET done_to = $1, last_fired = NULL")
        .bind(moment.as_millisecond() - 1)
        .execute(&database)
        .await
        .unwrap();
    multiply(&database).await;
    platform.registry = Some(platform.start_another().await.0);
    let (mut asked, mut answered, mut noted) = (0, 0, 0);
    let end = Instant::now() + SOON * 6;
    while noted < MANY {
        assert!(Instant::now() < end, "{noted} moments were noted");
        let before = noted;
        // Both read and write.
        let made = platform.create(&echo(&format!("echo-{asked}"))).await;
        platform.get(made.workflow.id).await;
        asked += 1;
        noted = fired(&database).await;
        answered += usize::from(before > 0 && noted < MANY);
    }
    assert!(
        answered > 0,
        "none of {asked} was answered while runs were started"
    );
    let runs = started(&platform).await;
    assert_eq!(runs.len(), MANY);
    assert!(
        runs.iter()
            .all(|(_, at)| *at == Some(moment.as_millisecond()))
    );
    let workflows: HashSet<WorkflowId> = runs.iter().map(|(workflow, _)| *workflow).collect();
    assert_eq!(workflows.len(), MANY);
}
