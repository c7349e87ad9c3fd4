//! Runs that take the answers of an earlier one, and do nothing outside.

use serde_json::{Value, json};
use testkit::document::document;
use testkit::remote::Remote;

use super::platform::{says, stack};
use super::trials::{called, has, replayed, tested};

fn steps(remote: &Remote) -> Value {
    json!([{"id": "ask", "type": "http_request", "method": "POST", "url": remote.url("/asked"),
    "then": [
        {"id": "count", "type": "set_memory", "memory": "recorded-{{ __data.key }}", "increment": 1, "result": "counted",
            "then": [{"id": "read", "type": "store_value", "name": "both",
                "value": "{{ __data.webhook.body.path }} {{ __data.counted }} {{ memoryGet('recorded-' ~ __data.key) }}",
                "then": [{"id": "later", "type": "store_value", "name": "late", "value": "yes",
                    "when": {"after": "40 days"}}]}]},
    ]}])
}

#[tokio::test]
async fn recorded_answers_do_nothing_outside_and_waits_are_over_at_once() {
    let remote = Remote::start();
    let mut first = steps(&remote);
    // The run of then waits for nothing.
    first[0]["then"][0]["then"][0]["then"] = json!([]);
    let body = json!({"key": "a"});
    let (workflow, origin) = called("recorded", "async", says("ok"), first, body).await;
    assert_eq!(origin["state"], "succeeded", "{origin:#}");
    let both = "\"/asked 1 1\"";
    has(
        &origin,
        &[
            ("/steps/2/output/body/text", json!(both)),
            ("/answers/0/step", json!("count")),
            ("/answers/0/value/text", json!("1")),
            ("/answers/1/step", json!("read")),
        ],
    );
    let draft = document("recorded", "async", &says("ok"), &steps(&remote));
    let control = stack().await.control();
    let updated = control.update(&workflow.id, "*", &draft.to_string()).await;
    assert_eq!(updated.status, 200, "{:#}", updated.body);
    let recorded = json!({"effects": "recorded", "against": "draft"});
    let (started, run) = replayed(&origin, recorded).await;
    assert_eq!(started["recorded_run"], origin["id"]);
    has(
        &run,
        &[
            ("/state", json!("succeeded")),
            ("/recorded_run", origin["id"].clone()),
            ("/steps/0/output", origin["steps"][0]["output"].clone()),
            ("/steps/2/output/body/text", json!(both)),
            ("/steps/3/id", json!("later")),
        ],
    );
    let log = run["log"].to_string();
    assert!(log.contains("nothing is done outside"), "{log}");
    assert!(log.contains("does not wait until"), "{log}");
    assert_eq!(
        remote.calls("/asked").len(),
        1,
        "only the run of then asked"
    );
    // Shared memory is as it was: the next real run counts on from there.
    let (_, real) = replayed(&origin, json!({})).await;
    assert_eq!(real["steps"][2]["output"]["body"]["text"], "\"/asked 2 2\"");
    assert_eq!(remote.calls("/asked").len(), 2);
}

#[tokio::test]
async fn a_step_without_a_recorded_answer_fails_and_says_so() {
    let remote = Remote::start();
    let step = |id: &str| json!([{"id": id, "type": "http_request", "url": remote.url("/asked")}]);
    let name = "recorded-missing";
    let (workflow, origin) = called(name, "async", says("ok"), step("old"), json!({})).await;
    let control = stack().await.control();
    let draft = document(name, "async", &says("ok"), &step("new"));
    let updated = control.update(&workflow.id, "*", &draft.to_string()).await;
    assert_eq!(updated.status, 200, "{:#}", updated.body);
    let wanted = json!({"effects": "recorded", "recorded_run": origin["id"]});
    let (started, run) = tested(&workflow, wanted).await;
    assert_eq!(started["replay_of"], Value::Null);
    assert_eq!(run["state"], "failed");
    let error = run["steps"][0]["error"].as_str().unwrap();
    let id = origin["id"].as_str().unwrap();
    assert_eq!(
        error,
        format!("run {id} has no answer for step `new`; run it with real effects")
    );
    assert_eq!(remote.calls("/asked").len(), 1);
}

#[tokio::test]
async fn a_failure_of_then_is_one_again_and_tries_do_not_wait() {
    let remote = Remote::start();
    let steps = json!([{"id": "ask", "type": "http_request", "url": remote.url("/status/503"),
        "retry": {"attempts": 2, "delay": 1}}]);
    let (_, origin) = called("recorded-failed", "async", says("ok"), steps, json!({})).await;
    assert_eq!(origin["steps"][0]["attempts"], 2);
    let (_, run) = replayed(&origin, json!({"effects": "recorded"})).await;
    has(
        &run,
        &[
            ("/state", json!("failed")),
            ("/error", origin["error"].clone()),
            ("/steps/0/attempts", json!(2)),
            ("/steps/0/output/status", json!(503)),
        ],
    );
    assert_eq!(remote.calls("/status/503").len(), 2);
}

#[tokio::test]
async fn an_answer_that_was_cut_is_said_to_be() {
    let remote = Remote::start();
    let steps = json!([{"id": "ask", "type": "http_request", "url": remote.url("/asked"), "then": [
        {"id": "see", "type": "store_value", "name": "seen", "value": "{{ __data.webhook.body }}"}]}]);
    let mut document = document("recorded-cut", "async", &says("ok"), &steps);
    document["spec"]["run_log"] = json!({"max_body_bytes": 8});
    let control = stack().await.control();
    let workflow = control.publish_new(&document.to_string()).await;
    testkit::http::client()
        .get(&workflow.url)
        .send()
        .await
        .unwrap();
    let runs = super::platform::ended(&control, &workflow.id, 1).await;
    let (_, run) = replayed(&runs[0], json!({"effects": "recorded"})).await;
    has(
        &run,
        &[
            ("/state", json!("succeeded")),
            ("/steps/0/output/body/text", json!("{\"path\":")),
        ],
    );
    let log = run["log"].to_string();
    assert!(log.contains("the recorded answer is cut"), "{log}");
}
