//! What the clock starts.

use jiff::SignedDuration;
use serde_json::json;
use testkit::document::of_source;
use testkit::http::client;
use testkit::stack::Stack;
use testkit::until;

use super::platform::{PATIENCE, in_seconds, moments, publish, runs, scheduled, succeeded, whole};

#[tokio::test]
async fn a_cycle_starts_a_run_at_each_of_its_moments_which_knows_why_it_runs() {
    let stack = Stack::start().await;
    let control = stack.control();
    let from = in_seconds(2);
    let steps = json!([
        {"id": "why", "type": "store_value", "name": "why", "value": "{{ __data.__request|json_encode|raw }}"},
        {"id": "own", "type": "store_value", "name": "own", "value": "{{ __data.report }}/{{ __data.top[1] }}"},
    ]);
    let schedule = json!({"every": "10 seconds", "from": from.to_string(),
        "data": {"report": "daily {{ 1 }}", "top": [1, 2]}});
    let id = publish(&control, &scheduled("cycle", &schedule, &steps)).await;
    let shown = control.get(&format!("/workflows/{id}")).await.body;
    assert_eq!(
        (&shown["source"], &shown["endpoint"]),
        (&json!("scheduled"), &json!(null))
    );
    assert_eq!(
        shown["schedule"],
        json!({"next": from.to_string(), "last": null})
    );
    let found = succeeded(&control, "cycle", 2).await;
    let second = from + SignedDuration::from_secs(10);
    assert_eq!(moments(&found)[..2], [from, second], "{found:#?}");
    assert_eq!(found[0]["source"], "scheduled");
    assert_eq!(
        (&found[0]["method"], &found[0]["endpoint_id"]),
        (&json!(null), &json!(null))
    );
    let run = whole(&control, &found[0]).await;
    assert_eq!(
        run["request"]["body"]["text"], r#"{"report":"daily {{ 1 }}","top":[1,2]}"#,
        "{run:#}"
    );
    assert_eq!(run["request"].as_object().unwrap().len(), 1, "{run:#}");
    let told = run["steps"].to_string();
    assert!(told.contains("daily {{ 1 }}/2"), "{run:#}");
    for name in ["scheduled_at", "received_at", "source", "id"] {
        assert!(told.contains(&format!(r#"\"{name}\"#)), "{name} in {run:#}");
    }
    for name in ["method", "path", "ip", "endpoint_id"] {
        assert!(
            !told.contains(&format!(r#"\"{name}\"#)),
            "{name} in {run:#}"
        );
    }
    let shown = control.get(&format!("/workflows/{id}")).await.body;
    assert!(
        shown["schedule"]["last"].as_str() >= Some(second.to_string().as_str()),
        "{shown:#}"
    );
    let endpoints = control.get("/dynamic-endpoints").await.body;
    assert_eq!(endpoints["items"], json!([]));
    let url = format!("{}/metrics", stack.registry().ops_url());
    let metrics = client()
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        metrics.contains("earshot_registry_scheduled_runs_total"),
        "{metrics}"
    );
}

#[tokio::test]
async fn what_is_unpublished_or_deleted_starts_nothing_and_another_version_takes_over_at_the_next_moment()
 {
    let stack = Stack::start().await;
    let control = stack.control();
    let schedule = json!({"every": "1 hour", "from": in_seconds(6).to_string()});
    let log = |text: &str| json!([{"id": "log", "type": "log", "message": text}]);
    let unpublished = publish(&control, &scheduled("unpublished", &schedule, &log("no"))).await;
    let deleted = publish(&control, &scheduled("deleted", &schedule, &log("no"))).await;
    let renewed = publish(&control, &scheduled("renewed", &schedule, &log("old"))).await;
    let moved = publish(&control, &scheduled("moved", &schedule, &log("old"))).await;
    control.unpublish(&unpublished).await;
    let etag = control
        .get(&format!("/workflows/{deleted}"))
        .await
        .etag
        .unwrap();
    let request = control
        .request(reqwest::Method::DELETE, &format!("/workflows/{deleted}"))
        .header("if-match", etag);
    assert_eq!(control.send(request).await.status, 204);
    let renew = async |id: &str, document: serde_json::Value| {
        let reply = control.update(id, "*", &document.to_string()).await;
        assert_eq!(reply.status, 200, "{:#}", reply.body);
        control.publish(id).await
    };
    renew(&renewed, scheduled("renewed", &schedule, &log("new"))).await;
    let later = in_seconds(3_600).to_string();
    let later = json!({"every": "1 hour", "from": later});
    let shown = renew(&moved, scheduled("moved", &later, &log("new"))).await;
    assert_eq!(shown.body["schedule"]["next"], later["from"]);
    let found = succeeded(&control, "renewed", 1).await;
    assert_eq!((found.len(), &found[0]["version"]), (1, &json!(2)));
    let run = whole(&control, &found[0]).await;
    assert_eq!(run["log"][0]["text"], "new", "{run:#}");
    // What comes from now on comes after all of these had their moment.
    let after = json!({"every": "1 hour", "from": in_seconds(1).to_string()});
    publish(&control, &scheduled("after", &after, &log("x"))).await;
    succeeded(&control, "after", 1).await;
    for name in ["unpublished", "moved"] {
        assert_eq!(
            runs(&control, name).await,
            Vec::<serde_json::Value>::new(),
            "{name}"
        );
    }
    let all = control.get("/runs").await.body;
    assert_eq!(all["items"].as_array().unwrap().len(), 2, "{all:#}");
}

#[tokio::test]
async fn a_workflow_may_change_between_a_listener_and_a_schedule() {
    let stack = Stack::start().await;
    let control = stack.control();
    let listener = json!({"listener": {"return_type": "data", "return_data": "ok"}});
    let listens = of_source("both", "listener", &listener, &json!([]));
    let made = control.publish_new(&listens.to_string()).await;
    let get = async || {
        client()
            .get(&made.url)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(get().await, 200);
    let change = async |document: &serde_json::Value| {
        let reply = control.update(&made.id, "*", &document.to_string()).await;
        assert_eq!(reply.status, 200, "{:#}", reply.body);
        control.publish(&made.id).await;
    };
    let schedule = json!({"every": "1 hour", "from": in_seconds(2).to_string()});
    change(&scheduled("both", &schedule, &json!([]))).await;
    assert_eq!(
        get().await,
        404,
        "the endpoint is gone when the publish returns"
    );
    let runs = succeeded(&control, "both", 2).await;
    let sources: Vec<_> = runs
        .iter()
        .map(|run| run["source"].as_str().unwrap())
        .collect();
    assert_eq!(sources, ["listener", "scheduled"]);
    change(&listens).await;
    assert_eq!(get().await, 200, "at the same URL");
    let shown = control.get(&format!("/workflows/{}", made.id)).await.body;
    assert_eq!(shown["schedule"], json!(null));
    until(PATIENCE, "the listing to show it", async || {
        let listed = control.get("/dynamic-endpoints").await.body;
        (listed["items"][0]["id"] == json!(made.endpoint_id)).then_some(())
    })
    .await;
}
