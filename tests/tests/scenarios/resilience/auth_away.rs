use std::time::Duration;

use serde_json::json;
use testkit::control::Workflow;
use testkit::http::client;
use testkit::jwt::{self, Algorithm};
use testkit::stack::Stack;

use super::documents::guarded_echo;
use super::load::{Answer, Load};

/// How long a verdict may be waited for is 2 seconds; the rest is for the machine.
const PATIENCE: Duration = Duration::from_secs(3);

/// A token that nobody has seen before.
fn fresh(workflow: &Workflow) -> String {
    let mut claims = jwt::claims(workflow.endpoint_key.as_ref().unwrap());
    claims["jti"] = json!(uuid::Uuid::now_v7().to_string());
    let secret = workflow.endpoint_secret.as_ref().unwrap();
    jwt::mint(Algorithm::HS256, secret.as_bytes(), &claims)
}

fn request(http: &reqwest::Client, workflow: &Workflow, token: &str) -> reqwest::RequestBuilder {
    http.post(&workflow.url)
        .bearer_auth(token)
        .json(&json!({"nonce": "n"}))
}

async fn call(workflow: &Workflow, token: &str) -> Answer {
    Answer::of(request(&client(), workflow, token)).await
}

#[tokio::test]
async fn without_auth_svc_known_callers_pass_and_unknown_ones_are_told_to_come_back() {
    let stack = Stack::start().await;
    let workflow = stack.control().publish_new(&guarded_echo("guarded")).await;
    let known = fresh(&workflow);
    assert_eq!(call(&workflow, &known).await.status, 200);

    stack.auth().kill();
    assert_eq!(call(&workflow, &known).await.status, 200);
    let refused = call(&workflow, &fresh(&workflow)).await;
    refused.assert_unavailable(&["auth_unavailable"]);
    assert!(refused.took < Duration::from_secs(1), "{refused:?}");

    stack.auth().restart().await;
    assert_eq!(call(&workflow, &fresh(&workflow)).await.status, 200);

    stack.auth().pause();
    let known_answer = call(&workflow, &known).await;
    assert_eq!(known_answer.status, 200, "{known_answer:?}");
    let refused = call(&workflow, &fresh(&workflow)).await;
    refused.assert_unavailable(&["auth_unavailable"]);
    assert!(refused.took < PATIENCE, "{refused:?}");
    stack.auth().resume();
    testkit::until(PATIENCE, "auth-svc to answer again", async || {
        (call(&workflow, &fresh(&workflow)).await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_auth_svc_under_load_refuses_nobody_for_good_and_hangs_nobody() {
    let stack = Stack::start().await;
    let workflow = stack.control().publish_new(&guarded_echo("guarded")).await;
    let known = fresh(&workflow);
    assert_eq!(call(&workflow, &known).await.status, 200);
    let load = Load::start(16, {
        let (workflow, http) = (workflow.clone(), client());
        move |number| {
            let is_known = number % 2 == 0;
            let token = if is_known {
                known.clone()
            } else {
                fresh(&workflow)
            };
            let request = request(&http, &workflow, &token);
            async move { (is_known, Answer::of(request).await) }
        }
    });
    load.more(200).await;
    stack.auth().terminate();
    assert_eq!(stack.auth().wait().await.code(), Some(0));
    load.more(200).await;
    stack.auth().restart().await;
    load.more(200).await;
    let mut refused = 0;
    for (is_known, answer) in load.stop().await {
        assert!(answer.took < PATIENCE, "{answer:?}");
        if answer.status != 200 {
            assert!(!is_known, "{answer:?}");
            answer.assert_unavailable(&["auth_unavailable"]);
            refused += 1;
        }
    }
    assert!(refused > 0, "auth-svc was never missed");
    assert_eq!(call(&workflow, &fresh(&workflow)).await.status, 200);
}
