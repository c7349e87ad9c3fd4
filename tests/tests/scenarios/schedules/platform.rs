//! Workflows without a listener, and looking for their runs.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::control::Client;
use testkit::document::of_source;
use testkit::until;

pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A document with a schedule.
pub(super) fn scheduled(name: &str, schedule: &Value, steps: &Value) -> Value {
    of_source(name, "scheduled", &json!({"schedule": schedule}), steps)
}

/// Creates a workflow; its id.
pub(super) async fn create(control: &Client, document: &Value) -> String {
    let made = control.try_create(&document.to_string()).await;
    assert_eq!(made.status, 201, "{:#}", made.body);
    assert_eq!(made.body["problems"], json!([]), "{:#}", made.body);
    made.body["id"].as_str().unwrap().to_owned()
}

/// Creates and publishes a workflow; its id.
pub(super) async fn publish(control: &Client, document: &Value) -> String {
    let id = create(control, document).await;
    control.publish(&id).await;
    id
}

/// The whole second that comes so many seconds after the present one.
pub(super) fn in_seconds(seconds: i64) -> Timestamp {
    let now = Timestamp::now();
    let now = Timestamp::from_second(now.as_second()).unwrap();
    now + SignedDuration::from_secs(seconds)
}

/// The runs of a workflow, oldest first.
pub(super) async fn runs(control: &Client, workflow: &str) -> Vec<Value> {
    let page = control
        .get(&format!("/runs?workflow={workflow}&limit=200"))
        .await;
    let mut items = page.body["items"].as_array().cloned().unwrap_or_default();
    items.reverse();
    items
}

/// The runs of a workflow once so many have succeeded, oldest first.
pub(super) async fn succeeded(control: &Client, workflow: &str, count: usize) -> Vec<Value> {
    until(PATIENCE, "the runs to be in the log", async || {
        let runs = runs(control, workflow).await;
        let done = runs
            .iter()
            .filter(|run| run["state"] == "succeeded")
            .count();
        (done >= count).then_some(runs)
    })
    .await
}

/// The moments for which runs were started.
pub(super) fn moments(runs: &[Value]) -> Vec<Timestamp> {
    let moments = runs.iter().map(|run| run["scheduled_at"].as_str().unwrap());
    let mut moments: Vec<Timestamp> = moments.map(|text| text.parse().unwrap()).collect();
    moments.sort();
    moments
}

/// All that is kept of a run.
pub(super) async fn whole(control: &Client, run: &Value) -> Value {
    let path = format!("/runs/{}", run["id"].as_str().unwrap());
    control.get(&path).await.body
}
