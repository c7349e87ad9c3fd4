//! What the scripts of runs and replies read.

use serde_json::{Value, json};
use testkit::control::Workflow;
use testkit::remote::Remote;
use testkit::{problem, until};

use super::platform::{builder, call, delete, document, name, set, stack};

/// A synchronous workflow that calls `url` with the secret in a header.
fn calling(url: &str, secret: &str) -> Value {
    let step = json!({
        "id": "call", "type": "http_request", "url": url,
        "headers": {"Authorization": format!("Bearer {{{{ secret(\"{secret}\") }}}}")},
    });
    let listener = json!({"return_type": "data", "return_data": "done"});
    document("sync", &listener, &json!([step]))
}

fn authorization(call: &testkit::remote::Call) -> &str {
    let mut headers = call.headers.iter();
    let found = headers.find(|(name, _)| name == "authorization");
    found.map_or("", |(_, value)| value)
}

#[tokio::test]
async fn a_request_of_a_run_carries_the_secret_that_its_script_names() {
    let (stack, remote, key) = (stack().await, Remote::start(), name("CALL_KEY"));
    let control = stack.control();
    set(&control, "secrets", &key, "value-of-the-first").await;
    let document = calling(&remote.url("/called"), &key);
    let workflow = control.publish_new(&document.to_string()).await;
    assert_eq!(call(&workflow.url).await, (200, "done".to_owned()));
    let first = remote.called("/called").await;
    assert_eq!(authorization(&first), "Bearer value-of-the-first");

    set(&control, "secrets", &key, "value-of-the-second").await;
    // A run that begins at this very moment may still get the old one.
    until(
        std::time::Duration::from_secs(10),
        "the new value",
        async || {
            call(&workflow.url).await;
            let calls = remote.calls("/called");
            let newest = calls.last().map(authorization);
            (newest == Some("Bearer value-of-the-second")).then_some(())
        },
    )
    .await;
}

#[tokio::test]
async fn an_asynchronous_run_has_its_secrets_and_its_reply_has_the_variables() {
    let (stack, remote) = (stack().await, Remote::start());
    let (key, region) = (name("ASYNC_KEY"), name("REGION"));
    let control = stack.control();
    set(&control, "secrets", &key, "for-the-run").await;
    set(&control, "variables", &region, "eu").await;
    let mut document = calling(&remote.url("/later"), &key);
    document["spec"]["run_mode"] = json!("async");
    document["spec"]["listener"]["return_data"] = json!(format!("{{{{ variable('{region}') }}}}"));
    let workflow = control.publish_new(&document.to_string()).await;
    assert_eq!(call(&workflow.url).await, (200, "eu".to_owned()));
    let later = remote.called("/later").await;
    assert_eq!(authorization(&later), "Bearer for-the-run");
}

#[tokio::test]
async fn the_next_request_reads_a_changed_variable_at_every_gateway_and_runner() {
    let (stack, region) = (stack().await, name("REGION"));
    let control = stack.control();
    let listener = json!({
        "return_type": "data",
        "return_data": format!("{{{{ variable('{region}') ?? 'none' }}}}"),
    });
    let mut workflows: Vec<Workflow> = Vec::new();
    for mode in ["sync", "async"] {
        let document = document(mode, &listener, &json!([]));
        workflows.push(control.publish_new(&document.to_string()).await);
    }
    let all_say = async |value: &str| {
        for workflow in &workflows {
            for round in 0..8 {
                let gateway = stack.gateway(round % 2).listener_url();
                let url = format!("{gateway}{}", workflow.path());
                assert_eq!(call(&url).await, (200, value.to_owned()));
            }
        }
    };
    all_say("none").await;
    for value in ["one", "two", "three", "four"] {
        set(&control, "variables", &region, value).await;
        all_say(value).await;
    }
    let path = format!("/variables/{region}");
    let refused = delete(&control, &path).await;
    assert_eq!(refused.status, 409);
    let deleted = delete(&control, &format!("{path}?force=true")).await;
    assert_eq!(deleted.status, 204);
    all_say("none").await;
}

#[tokio::test]
async fn a_secret_that_is_gone_fails_the_step_that_names_it() {
    let (stack, remote, key) = (stack().await, Remote::start(), name("GONE"));
    let control = stack.control();
    let document = calling(&remote.url("/gone"), &key);
    let made = control.create(&document.to_string()).await;
    let refused = control.act(&made.id, "publish").await;
    assert_eq!(refused.status, 422, "{:#}", refused.body);
    let problem = &refused.body["problems"][0];
    assert_eq!(problem["message"], format!("there is no secret `{key}`"));
    set(&control, "secrets", &key, "soon-to-be-gone").await;
    control.publish(&made.id).await;
    assert_eq!(call(&made.url).await.0, 200);

    let path = format!("/secrets/{key}");
    let refused = delete(&control, &path).await;
    assert_eq!(refused.status, 409, "{:#}", refused.body);
    assert_eq!(
        refused.body["used_by"],
        json!([document["metadata"]["name"]])
    );
    let deleted = delete(&control, &format!("{path}?force=true")).await;
    assert_eq!(deleted.status, 204);
    until(
        std::time::Duration::from_secs(10),
        "the run to fail",
        async || (call(&made.url).await.0 == 500).then_some(()),
    )
    .await;
}

#[tokio::test]
async fn without_auth_svc_a_run_with_secrets_fails_and_says_when_to_try_again() {
    let (stack, remote) = (builder().start().await, Remote::start());
    let control = stack.control();
    set(&control, "secrets", "KEY", "for-the-run").await;
    let document = calling(&remote.url("/sync"), "KEY");
    let with = control.publish_new(&document.to_string()).await;
    let plain = json!({"return_type": "data", "return_data": "plain"});
    let plain = super::platform::document("sync", &plain, &json!([]));
    let without = control.publish_new(&plain.to_string()).await;
    let mut queued = calling(&remote.url("/queued"), "KEY");
    queued["spec"]["run_mode"] = json!("async");
    let queued = control.publish_new(&queued.to_string()).await;

    stack.auth().kill();
    let reply = testkit::http::client().get(&with.url).send().await.unwrap();
    let refused = problem(reply, 503, "auth_unavailable").await;
    assert!(refused.headers.contains_key("retry-after"));
    assert!(
        refused.text("detail").contains("secrets"),
        "{}",
        refused.body
    );
    assert_eq!(call(&without.url).await, (200, "plain".to_owned()));
    // What was accepted is kept until its secrets can be had.
    assert_eq!(call(&queued.url).await.0, 200);
    stack.auth().restart().await;
    assert_eq!(call(&with.url).await.0, 200);
    let call = remote.called("/queued").await;
    assert_eq!(authorization(&call), "Bearer for-the-run");
}

#[tokio::test]
async fn a_script_that_is_tried_out_reads_variables_and_no_secret() {
    let (stack, region) = (stack().await, name("REGION"));
    let control = stack.control();
    set(&control, "variables", &region, "eu").await;
    set(&control, "secrets", &region, "not-to-be-tried").await;
    let tried = async |template: String| {
        let request = control.request(reqwest::Method::POST, "/scripts/evaluate");
        let reply = control
            .send(request.json(&json!({"template": template})))
            .await;
        assert_eq!(reply.status, 200);
        reply.body
    };
    let body = tried(format!("{{{{ variable('{region}') }}}}")).await;
    assert_eq!(body["result"], "eu");
    let body = tried(format!("{{{{ secret('{region}') }}}}")).await;
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.contains("secrets cannot be used here"), "{body:#}");
}
