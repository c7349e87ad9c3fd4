//! What happens while registry-svc is not there.

use serde_json::json;
use testkit::document::document;
use testkit::http::client;

use super::platform::{builder, ended, says};

#[tokio::test]
async fn runs_that_go_on_while_registry_svc_is_away_are_all_there_when_it_is_back() {
    let stack = builder().start().await;
    let control = stack.control();
    let mut urls = Vec::new();
    for mode in ["sync", "async"] {
        let document = document(&format!("away-{mode}"), mode, &says("ok"), &json!([]));
        urls.push(control.publish_new(&document.to_string()).await);
    }
    let call = async |count: usize| {
        for workflow in &urls {
            for _ in 0..count {
                let reply = client().get(&workflow.url).send().await.unwrap();
                assert_eq!(reply.status(), 200);
            }
        }
    };
    call(5).await;
    stack.registry().kill();
    call(30).await;
    stack.registry().restart().await;
    call(5).await;
    for workflow in &urls {
        let runs = ended(&control, &workflow.id, 40).await;
        assert_eq!(runs.len(), 40, "each once");
        assert!(runs.iter().all(|run| run["state"] == "succeeded"));
    }
}

#[tokio::test]
async fn a_runner_that_stops_tells_of_its_last_runs() {
    let stack = builder().start().await;
    let control = stack.control();
    let document = document("last", "sync", &says("ok"), &json!([]));
    let workflow = control.publish_new(&document.to_string()).await;
    for _ in 0..50 {
        client().get(&workflow.url).send().await.unwrap();
    }
    stack.runner(0).terminate();
    assert_eq!(stack.runner(0).wait().await.code(), Some(0));
    assert_eq!(ended(&control, &workflow.id, 50).await.len(), 50);
}

#[tokio::test]
async fn records_that_wait_outlive_a_killed_nats_server() {
    let stack = builder().start().await;
    let control = stack.control();
    let document = document("waiting", "sync", &says("ok"), &json!([]));
    let workflow = control.publish_new(&document.to_string()).await;
    stack.registry().kill();
    for _ in 0..20 {
        let reply = client().get(&workflow.url).send().await.unwrap();
        assert_eq!(reply.status(), 200);
    }
    // Some of them wait on NATS by now, the others in the runner.
    stack.nats().kill();
    stack.nats().restart();
    stack.registry().restart().await;
    assert_eq!(ended(&control, &workflow.id, 20).await.len(), 20);
}
