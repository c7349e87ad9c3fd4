//! Drafts, tried out.

use serde_json::{Value, json};
use testkit::document::document;
use testkit::problem;
use testkit::remote::Remote;
use testkit::stack::Kind;

use super::platform::{builder, publish, says, stack};
use super::trials::{accepted, has, run_of, test_request, tested};

#[tokio::test]
async fn a_draft_that_was_never_published_runs_with_its_secrets_and_variables() {
    let control = stack().await.control();
    for (kind, name, value) in [
        ("secrets", "TRIAL_SECRET", "sesame-open-wide"),
        ("variables", "TRIAL_VARIABLE", "here"),
    ] {
        let path = format!("/{kind}/{name}");
        let set = control.request(reqwest::Method::PUT, &path);
        let set = control.send(set.json(&json!({ "value": value }))).await;
        assert!(set.status.is_success(), "{:#}", set.body);
    }
    let remote = Remote::start();
    let steps = json!([{"id": "ask", "type": "http_request", "url": remote.url("/{{ variable('TRIAL_VARIABLE') }}"),
        "headers": {"x-key": "{{ secret('TRIAL_SECRET') }}"}, "query": {"a": "{{ __data.a }}"}}]);
    let listener = json!({"return_type": "data", "return_data": "{{ __data.a }}", "add_authentication": true,
        "methods": ["GET"]});
    let draft = document("test-draft", "async", &listener, &steps);
    let workflow = control.create(&draft.to_string()).await;
    let payload = json!({"payload": {"method": "POST", "body": {"json": {"a": 7}}}});
    let (started, run) = tested(&workflow, payload).await;
    assert_eq!(started["version"], Value::Null);
    has(
        &run,
        &[
            ("/state", json!("succeeded")),
            ("/test", json!(true)),
            ("/against", json!("draft")),
            ("/replay_of", Value::Null),
            ("/version", Value::Null),
            ("/reply/body/text", json!("7")),
        ],
    );
    let call = &remote.calls("/here")[0];
    assert_eq!(call.query, "a=7");
    let key = ("x-key".to_owned(), "sesame-open-wide".to_owned());
    assert!(call.headers.contains(&key));
    assert!(!run.to_string().contains("sesame-open-wide"));
    let shown = control.get(&format!("/workflows/{}", workflow.id)).await;
    assert_eq!(shown.body["published"], Value::Null, "{:#}", shown.body);
}

#[tokio::test]
async fn a_draft_with_errors_is_refused_with_all_of_them() {
    let control = stack().await.control();
    let steps = json!([
        {"id": "a", "type": "store_value", "name": "x", "value": "{{ oops( }}"},
        {"id": "a", "type": "log", "message": "{{ secret('TRIAL_NOWHERE') }}"},
    ]);
    let draft = document("test-errors", "sync", &says("ok"), &steps);
    let workflow = control.create(&draft.to_string()).await;
    let refused = test_request(&control, &workflow.id, &json!({}))
        .send()
        .await;
    let refused = problem(refused.unwrap(), 422, "invalid_workflow").await;
    assert!(
        refused.body["problems"].as_array().unwrap().len() >= 2,
        "{:#}",
        refused.body
    );
}

#[tokio::test]
async fn what_keeps_nothing_keeps_a_test_run_without_its_bodies() {
    let steps = json!([{"id": "tell", "type": "log", "message": "told"}]);
    let mut draft = document("test-nothing", "sync", &says("{{ __data.a }}"), &steps);
    draft["spec"]["run_log"] = json!({"keep": "none"});
    let control = stack().await.control();
    let workflow = control.create(&draft.to_string()).await;
    let (_, run) = tested(&workflow, json!({"payload": {"body": {"json": {"a": 1}}}})).await;
    has(
        &run,
        &[
            ("/state", json!("succeeded")),
            ("/log/0/text", json!("told")),
            ("/reply/status", json!(200)),
            ("/reply/body/text", json!("")),
            ("/request/body/text", json!("")),
        ],
    );
}

#[tokio::test]
async fn a_test_run_of_a_published_workflow_takes_the_draft_and_asks_no_token() {
    let workflow = publish("test-published", "sync", says("old"), json!([])).await;
    let control = stack().await.control();
    let draft = document("test-published", "sync", &says("new"), &json!([]));
    control.update(&workflow.id, "*", &draft.to_string()).await;
    let (_, run) = tested(&workflow, json!({})).await;
    assert_eq!(run["reply"]["body"]["text"], "new");
    let published = testkit::http::client().get(&workflow.url).send().await;
    assert_eq!(published.unwrap().text().await.unwrap(), "old");
}

#[tokio::test]
async fn a_draft_goes_on_on_another_runner_when_its_own_dies() {
    let stack = builder()
        .env(Kind::Registry, "EARSHOT_REGISTRY__ACK_WAIT_SECONDS", "1")
        .start()
        .await;
    let control = stack.control();
    let remote = Remote::start();
    let steps = json!([{"id": "one", "type": "http_request", "url": remote.url("/first"), "then": [
        {"id": "two", "type": "http_request", "url": remote.url("/held/second")}]}]);
    let draft = document("test-resumed", "sync", &says("{{ __data.a }}"), &steps);
    let workflow = control.create(&draft.to_string()).await;
    let wanted = json!({"payload": {"body": {"json": {"a": 3}}}});
    let started = accepted(&control, test_request(&control, &workflow.id, &wanted)).await;
    remote.called("/held/second").await;
    stack.runner(0).kill();
    stack.runner(0).wait().await;
    stack.runner(0).restart().await;
    remote.called_times("/held/second", 2).await;
    remote.release("/held/second");
    let run = run_of(&control, &started).await;
    has(
        &run,
        &[
            ("/state", json!("succeeded")),
            ("/reply/body/text", json!("3")),
            ("/against", json!("draft")),
        ],
    );
    assert_eq!(remote.calls("/first").len(), 1, "its answer was journalled");
}
