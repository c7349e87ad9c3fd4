//! Replays and test runs of workflows without a listener, and from one kind to the other.

use serde_json::{Value, json};
use testkit::control::Workflow;
use testkit::document::{document, of_source};
use testkit::http::client;
use testkit::problem;

use super::platform::{ended, says, stack, whole};
use super::trials::{accepted, called, has, replay_request, replayed, run_of, test_request};

/// A document of this source whose run notes what it was started with.
fn unheard(name: &str, source: &str, settings: &Value) -> Value {
    let value =
        "{{ __data.a }} {{ __data.__request.source }} {{ __data.__request.method }}{{ __data.q }}";
    let steps = json!([{"id": "see", "type": "store_value", "name": "seen", "value": value}]);
    of_source(name, source, settings, &steps)
}

/// Creates and publishes a workflow; its id.
async fn published(document: &Value) -> String {
    let control = stack().await.control();
    let made = control.try_create(&document.to_string()).await;
    assert_eq!(made.status, 201, "{:#}", made.body);
    let id = made.body["id"].as_str().unwrap().to_owned();
    control.publish(&id).await;
    id
}

async fn redraw(workflow: &str, draft: &Value) {
    let control = stack().await.control();
    let updated = control.update(workflow, "*", &draft.to_string()).await;
    assert_eq!(updated.status, 200, "{:#}", updated.body);
}

/// Publishes a manual workflow and starts it with this data; the workflow's id and the run.
async fn started(name: &str, data: &Value) -> (String, Value) {
    let id = published(&unheard(name, "manual", &json!({}))).await;
    let control = stack().await.control();
    let path = format!("/workflows/{id}/runs");
    let start = control.request(reqwest::Method::POST, &path).json(data);
    let started = accepted(&control, start).await;
    (id, run_of(&control, &started).await)
}

#[tokio::test]
async fn a_manual_run_is_replayed_with_its_data_or_with_other_data() {
    let (_, origin) = started("replay-manual", &json!({"a": 2})).await;
    has(&origin, &[("/source", json!("manual"))]);
    let (answer, run) = replayed(&origin, json!({})).await;
    assert_eq!(
        (&answer["masked"], &answer["absent"]),
        (&json!([]), &json!([]))
    );
    for against in ["published", "origin", "draft"] {
        let (_, again) = replayed(&origin, json!({"against": against})).await;
        has(
            &again,
            &[
                ("/state", json!("succeeded")),
                ("/source", json!("manual")),
                ("/endpoint_id", Value::Null),
                ("/method", Value::Null),
                ("/request", run["request"].clone()),
                ("/steps/0/output/body/text", json!("\"2 manual \"")),
            ],
        );
    }
    assert_eq!(run["request"].as_object().unwrap().len(), 1, "{run:#}");
    let other = json!({"payload": {"body": {"json": {"a": 5}}}});
    let (_, run) = replayed(&origin, other).await;
    has(
        &run,
        &[("/steps/0/output/body/text", json!("\"5 manual \""))],
    );
    let control = stack().await.control();
    let list = json!({"payload": {"body": {"json": [1]}}});
    let refused = replay_request(&control, origin["id"].as_str().unwrap(), &list);
    problem(refused.send().await.unwrap(), 400, "invalid_request").await;
}

#[tokio::test]
async fn a_scheduled_run_is_replayed_for_its_moment() {
    let from = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2);
    let schedule =
        json!({"schedule": {"every": "1 hour", "from": from.to_string(), "data": {"a": 3}}});
    let id = published(&unheard("replay-scheduled", "scheduled", &schedule)).await;
    let control = stack().await.control();
    let origin = whole(&control, &ended(&control, &id, 1).await[0]).await;
    for against in ["published", "origin"] {
        let (_, run) = replayed(&origin, json!({"against": against})).await;
        has(
            &run,
            &[
                ("/source", json!("scheduled")),
                ("/scheduled_at", origin["scheduled_at"].clone()),
                ("/request", origin["request"].clone()),
                ("/steps/0/output/body/text", json!("\"3 scheduled \"")),
                ("/replay_of", origin["id"].clone()),
            ],
        );
    }
    // The schedule counts its own runs alone.
    let shown = control.get(&format!("/workflows/{id}")).await.body;
    assert_eq!(
        shown["schedule"]["last"], origin["scheduled_at"],
        "{shown:#}"
    );
}

#[tokio::test]
async fn a_manual_draft_is_tested_with_data_and_without() {
    let control = stack().await.control();
    let draft = unheard("test-manual", "manual", &json!({}));
    let made = control.try_create(&draft.to_string()).await;
    let id = made.body["id"].as_str().unwrap();
    for (wanted, seen) in [
        (
            json!({"payload": {"body": {"json": {"a": 4}}}}),
            "\"4 manual \"",
        ),
        (json!({}), "\" manual \""),
    ] {
        let started = accepted(&control, test_request(&control, id, &wanted)).await;
        let run = run_of(&control, &started).await;
        has(
            &run,
            &[
                ("/state", json!("succeeded")),
                ("/source", json!("manual")),
                ("/version", Value::Null),
                ("/test", json!(true)),
                ("/steps/0/output/body/text", json!(seen)),
            ],
        );
    }
}

#[tokio::test]
async fn a_call_is_replayed_against_a_manual_draft_with_its_body_as_the_data() {
    let name = "replay-call-manual";
    let (workflow, origin): (Workflow, _) =
        called(name, "async", says("ok"), json!([]), json!({"a": 6})).await;
    let sent = client().post(&workflow.url).form(&[("a", "7")]);
    sent.send().await.unwrap();
    let control = stack().await.control();
    let form = ended(&control, &workflow.id, 2).await.remove(0);
    redraw(&workflow.id, &unheard(name, "manual", &json!({}))).await;
    let against = json!({"against": "draft"});
    let (answer, run) = replayed(&origin, against.clone()).await;
    assert_eq!(answer["absent"], json!(["query", "headers"]));
    has(
        &run,
        &[
            ("/state", json!("succeeded")),
            ("/source", json!("manual")),
            ("/request/body", origin["request"]["body"].clone()),
            ("/steps/0/output/body/text", json!("\"6 manual \"")),
        ],
    );
    let refused = replay_request(&control, form["id"].as_str().unwrap(), &against);
    let refused = problem(refused.send().await.unwrap(), 422, "payload_needed").await;
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("payload.body"), "{detail}");
    let given = json!({"against": "draft", "payload": {"body": {"json": {"a": 8}}}});
    let (_, run) = replayed(&form, given).await;
    has(
        &run,
        &[("/steps/0/output/body/text", json!("\"8 manual \""))],
    );
}

#[tokio::test]
async fn a_manual_run_is_replayed_against_a_draft_with_a_listener_as_a_call() {
    let name = "replay-manual-call";
    let (id, origin) = started(name, &json!({"a": 9})).await;
    let reply = says("{{ __data.a }} {{ __data.__request.method }}");
    redraw(&id, &document(name, "sync", &reply, &json!([]))).await;
    let (_, run) = replayed(&origin, json!({"against": "draft"})).await;
    has(
        &run,
        &[
            ("/state", json!("succeeded")),
            ("/source", json!("listener")),
            ("/request/method", json!("POST")),
            ("/reply/body/text", json!("9 POST")),
        ],
    );
}
