//! Shared memory over the whole platform.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::document::document;
use testkit::http::client;
use testkit::stack::{Kind, Stack};
use testkit::until;

const PATIENCE: Duration = Duration::from_secs(30);

async fn publish(stack: &Stack, name: &str, reply: &str, steps: &Value) -> String {
    let listener = json!({"return_type": "data", "return_data": reply, "methods": ["GET", "POST"]});
    let document = document(name, "sync", &listener, steps).to_string();
    stack.control().publish_new(&document).await.url
}

async fn text(url: &str, fields: &Value) -> String {
    let response = client().post(url).json(fields).send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.text().await.unwrap()
}

#[tokio::test]
async fn no_two_requests_get_the_same_number_whichever_runner_has_them() {
    let stack = Stack::builder().runners(2).start().await;
    let reply = "{{ incrementAndGet('hits') }} {{ __data.step }}";
    let steps = json!([{"id": "add", "type": "set_memory", "memory": "steps", "increment": 2, "result": "step"}]);
    let url = publish(&stack, "count", reply, &steps).await;
    let asked: Vec<_> = (0..40)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { text(&url, &json!({})).await })
        })
        .collect();
    let mut hits = BTreeSet::new();
    let mut added = BTreeSet::new();
    for answer in asked {
        let answer = answer.await.unwrap();
        let (hit, step) = answer.split_once(' ').unwrap();
        hits.insert(hit.parse::<u32>().unwrap());
        added.insert(step.parse::<u32>().unwrap());
    }
    assert_eq!(hits, (1..=40).collect());
    assert_eq!(added, (1..=40).map(|n| n * 2).collect());
}

#[tokio::test]
async fn what_a_step_sets_is_read_by_other_workflows_until_it_is_gone() {
    let stack = Stack::start().await;
    let write = json!([{"id": "set", "type": "set_memory", "memory": "user:{{ __data.id }}",
        "value": {"name": "{{ __data.name }}", "tags": [1, "two"]}, "ttl": "{TTL}"}]);
    let lasting =
        json!([
            serde_json::from_str::<Value>(&write[0].to_string().replace("{TTL}", "1 hour"))
                .unwrap()
        ]);
    let brief =
        json!([
            serde_json::from_str::<Value>(&write[0].to_string().replace("{TTL}", "1 second"))
                .unwrap()
        ]);
    let set = publish(&stack, "set", "ok", &lasting).await;
    let flash = publish(&stack, "flash", "ok", &brief).await;
    let remove = json!([{"id": "remove", "type": "set_memory", "memory": "user:{{ __data.id }}", "value": null}]);
    let remove = publish(&stack, "remove", "ok", &remove).await;
    let reply = "{{ memoryGet('user:' ~ __data.id, {name: 'nobody'}).name }}";
    let get = publish(&stack, "get", reply, &json!([])).await;
    let name = async || text(&get, &json!({"id": "7"})).await;
    assert_eq!(name().await, "nobody");
    text(&set, &json!({"id": "7", "name": "Ada \"L\""})).await;
    assert_eq!(name().await, "Ada \"L\"");
    assert_eq!(text(&get, &json!({"id": "8"})).await, "nobody");
    text(&remove, &json!({"id": "7"})).await;
    assert_eq!(name().await, "nobody");
    text(&flash, &json!({"id": "7", "name": "Bob"})).await;
    until(PATIENCE, "the value to be gone", async || {
        (name().await == "nobody").then_some(())
    })
    .await;
    // It survives the processes.
    text(&set, &json!({"id": "7", "name": "Eve"})).await;
    stack.nats().kill();
    stack.nats().restart();
    stack.runner(0).kill();
    stack.runner(0).restart().await;
    until(PATIENCE, "the platform to be back", async || {
        let response = client()
            .post(&get)
            .json(&json!({"id": "7"}))
            .send()
            .await
            .ok()?;
        (response.text().await.ok()? == "Eve").then_some(())
    })
    .await;
    assert!(
        stack
            .logs(Kind::Runner)
            .iter()
            .all(|line| !line.to_string().contains("Eve"))
    );
}
