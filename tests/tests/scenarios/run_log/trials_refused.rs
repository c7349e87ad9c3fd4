//! Replays and test runs that there cannot be.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::document::document;
use testkit::http::client;
use testkit::problem;
use testkit::remote::Remote;

use super::platform::{SOON, ended, publish, says, stack, whole};
use super::trials::{accepted, called, replay_request, run_of, test_request};

const NOWHERE: &str = "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee";

async fn refused(run: &str, wanted: &Value, status: u16, code: &str) -> String {
    let control = stack().await.control();
    let reply = replay_request(&control, run, wanted).send().await.unwrap();
    let refused = problem(reply, status, code).await;
    refused.text("detail").to_owned()
}

#[tokio::test]
async fn what_is_not_there_cannot_be_run() {
    let control = stack().await.control();
    refused(NOWHERE, &json!({}), 404, "not_found").await;
    refused("none", &json!({}), 404, "not_found").await;
    let workflow = publish("refused-unknown", "sync", says("ok"), json!([])).await;
    let recorded = json!({"effects": "recorded", "recorded_run": NOWHERE});
    for (workflow, wanted) in [(NOWHERE, json!({})), (&workflow.id, recorded)] {
        let reply = test_request(&control, workflow, &wanted).send().await;
        problem(reply.unwrap(), 404, "not_found").await;
    }
}

#[tokio::test]
async fn a_body_that_was_cut_is_asked_for() {
    let workflow = publish("refused-cut", "sync", says("{{ __data.n }}"), json!([])).await;
    let text = "x".repeat(40_000);
    let sent = client()
        .post(&workflow.url)
        .json(&json!({"n": 1, "text": text}));
    sent.send().await.unwrap();
    let control = stack().await.control();
    let origin = whole(&control, &ended(&control, &workflow.id, 1).await[0]).await;
    let id = origin["id"].as_str().unwrap();
    let detail = refused(id, &json!({}), 422, "payload_needed").await;
    assert!(detail.contains("payload.body"), "{detail}");
    // What the run log shows, sent back as it is, is no whole body either.
    let shown = json!({"payload": origin["request"]});
    refused(id, &shown, 422, "payload_needed").await;
    let whole = json!({"payload": {"body": {"json": {"n": 2}}}});
    let started = accepted(&control, replay_request(&control, id, &whole)).await;
    let run = run_of(&control, &started).await;
    assert_eq!(run["reply"]["body"]["text"], "2");
}

#[tokio::test]
async fn what_is_unpublished_or_deleted_says_so() {
    let (workflow, origin) = called("refused-gone", "sync", says("ok"), json!([]), json!({})).await;
    let id = origin["id"].as_str().unwrap();
    let control = stack().await.control();
    control.unpublish(&workflow.id).await;
    let detail = refused(id, &json!({}), 409, "conflict").await;
    assert!(detail.contains("not published"), "{detail}");
    for against in ["draft", "origin"] {
        let wanted = json!({ "against": against });
        let started = accepted(&control, replay_request(&control, id, &wanted)).await;
        let run = run_of(&control, &started).await;
        assert_eq!(run["state"], "succeeded");
    }
    let deleted = control
        .request(Method::DELETE, &format!("/workflows/{}", workflow.id))
        .header("if-match", "*");
    assert_eq!(control.send(deleted).await.status, 204);
    for against in ["published", "draft", "origin"] {
        let wanted = json!({ "against": against });
        let detail = refused(id, &wanted, 409, "conflict").await;
        assert!(detail.contains("deleted"), "{detail}");
    }
}

#[tokio::test]
async fn a_run_of_a_draft_has_no_version_to_go_back_to() {
    let draft = document("refused-origin", "sync", &says("one"), &json!([]));
    let control = stack().await.control();
    let workflow = control.create(&draft.to_string()).await;
    let started = accepted(&control, test_request(&control, &workflow.id, &json!({}))).await;
    let run = run_of(&control, &started).await;
    let id = run["id"].as_str().unwrap();
    let detail = refused(id, &json!({"against": "origin"}), 409, "conflict").await;
    assert!(detail.contains("draft"), "{detail}");
}

#[tokio::test]
async fn answers_are_those_of_a_run_of_the_same_workflow_that_has_ended() {
    let remote = Remote::start();
    let steps = json!([{"id": "ask", "type": "http_request", "url": remote.url("/held/refused")}]);
    let workflow = publish("refused-running", "async", says("ok"), steps).await;
    client().get(&workflow.url).send().await.unwrap();
    let control = stack().await.control();
    let path = format!("/runs?workflow={}&state=running", workflow.id);
    let running = testkit::until(SOON, "a run under way", async || {
        control.get(&path).await.body["items"].get(0).cloned()
    })
    .await;
    let id = running["id"].as_str().unwrap();
    let recorded = json!({"effects": "recorded"});
    let detail = refused(id, &recorded, 409, "conflict").await;
    assert!(detail.contains("has not ended"), "{detail}");
    remote.release("/held/refused");
    ended(&control, &workflow.id, 1).await;
    let other = publish("refused-other", "async", says("ok"), json!([])).await;
    let wanted = json!({"effects": "recorded", "recorded_run": id});
    let reply = test_request(&control, &other.id, &wanted).send().await;
    problem(reply.unwrap(), 400, "invalid_request").await;
}

#[tokio::test]
async fn what_is_no_request_is_refused_before_anything_runs() {
    let (workflow, origin) = called(
        "refused-input",
        "sync",
        says("ok"),
        json!([]),
        json!({"a": 1}),
    )
    .await;
    let id = origin["id"].as_str().unwrap();
    for wrong in [
        json!({"colour": "red"}),
        json!({"against": "tomorrow"}),
        json!({"effects": "none"}),
        json!({"payload": {"body": {"a": 1}}}),
        json!({"payload": {"method": "GE T"}}),
        json!({"payload": {"headers": {"a b": "c"}}}),
        json!({"payload": {"headers": {"a": "b\r\nc: d"}}}),
    ] {
        refused(id, &wrong, 400, "invalid_request").await;
    }
    let broken = json!({"payload": {"body": {"text": "{", "content_type": "application/json"}}});
    refused(id, &broken, 400, "malformed_body").await;
    let control = stack().await.control();
    for wrong in [
        json!({"effects": "recorded"}),
        json!({"recorded_run": id}),
        json!({"recorded_run": "x", "effects": "recorded"}),
        json!({"against": "draft"}),
    ] {
        let reply = test_request(&control, &workflow.id, &wrong).send().await;
        problem(reply.unwrap(), 400, "invalid_request").await;
    }
    assert_eq!(ended(&control, &workflow.id, 1).await.len(), 1);
}
