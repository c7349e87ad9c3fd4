//! The control plane's routes.

use reqwest::Method;
use reqwest::header::{ETAG, IF_MATCH};
use serde_json::{Value, json};
use testkit::problem;

use super::platform::{delete, document, name, put, set, stack};

#[tokio::test]
async fn a_secret_is_written_and_listed_and_never_read() {
    let (control, key) = (stack().await.control(), name("API_KEY"));
    let made = put(&control, "secrets", &key, "the-value-itself").await;
    assert_eq!(made.status, 201);
    assert_eq!(made.body["name"], key);
    assert_eq!(made.body["used_by"], json!([]));
    assert!(made.body["updated_at"].is_string() && made.body["updated_by"].is_string());
    assert_eq!(
        made.etag.unwrap(),
        format!("\"{}\"", made.body["etag"].as_str().unwrap())
    );
    let again = put(&control, "secrets", &key, "another-value-itself").await;
    assert_eq!(again.status, 200);
    assert_ne!(again.body["etag"], made.body["etag"]);
    let listed = control.get("/secrets?limit=200").await;
    for text in [&made.body, &again.body, &listed.body].map(Value::to_string) {
        assert!(!text.contains("value-itself"), "{text}");
        assert!(text.contains(&key));
    }
    let reply = control.request(Method::GET, &format!("/secrets/{key}"));
    let refused = problem(reply.send().await.unwrap(), 405, "method_not_allowed").await;
    let allow = refused.headers["allow"].to_str().unwrap();
    assert!(!allow.contains("GET"), "{allow}");
    assert_eq!(
        delete(&control, &format!("/secrets/{key}")).await.status,
        204
    );
    assert_eq!(
        delete(&control, &format!("/secrets/{key}")).await.status,
        404
    );
}

#[tokio::test]
async fn a_variable_reads_back_with_its_tag() {
    let (control, key) = (stack().await.control(), name("REGION"));
    set(&control, "variables", &key, "line one\nline two \u{1f980}").await;
    let read = control.get(&format!("/variables/{key}")).await;
    assert_eq!(read.body["value"], "line one\nline two \u{1f980}");
    let tag = read.etag.unwrap();
    let change = |tag: &str, value: &str| {
        control
            .request(Method::PUT, &format!("/variables/{key}"))
            .header(IF_MATCH, tag)
            .json(&json!({ "value": value }))
    };
    let changed = change(&tag, "two").send().await.unwrap();
    assert_eq!(changed.status(), 200);
    assert_ne!(changed.headers()[ETAG], tag);
    let stale = change(&tag, "three").send().await.unwrap();
    problem(stale, 412, "precondition_failed").await;
    let weak = change("W/\"1\"", "three").send().await.unwrap();
    problem(weak, 412, "precondition_failed").await;
    let read = control.get(&format!("/variables/{key}")).await;
    assert_eq!(read.body["value"], "two");
    let none = control.request(Method::PUT, "/variables/NOT_THERE");
    let none = none.header(IF_MATCH, "*").json(&json!({ "value": "" }));
    problem(none.send().await.unwrap(), 412, "precondition_failed").await;
}

#[tokio::test]
async fn odd_names_and_bodies_are_refused_without_a_word_of_the_value() {
    let control = stack().await.control();
    for (path, body) in [
        ("/secrets/1A", json!({"value": "hunter2"})),
        ("/secrets/A-B", json!({"value": "hunter2"})),
        ("/secrets/A%2FB", json!({"value": "hunter2"})),
        ("/secrets/A", json!("hunter2")),
        ("/secrets/A", json!({"hunter2": "value"})),
        ("/secrets/A", json!({"value": ["hunter2"]})),
        ("/secrets/A", json!({})),
        ("/variables/A", json!({"value": "hunter2", "more": 1})),
        ("/variables/A", json!({"value": "hunter2".repeat(5_000)})),
    ] {
        let sent = control.request(Method::PUT, path).json(&body);
        let refused = problem(sent.send().await.unwrap(), 400, "invalid_request").await;
        assert!(!refused.body.to_string().contains("hunter2"), "{path}");
    }
    let sent = control.request(Method::PUT, "/secrets/A");
    problem(sent.send().await.unwrap(), 400, "invalid_request").await;
    let odd = control.request(Method::DELETE, "/secrets/A?forced=true");
    problem(odd.send().await.unwrap(), 400, "invalid_request").await;
}

#[tokio::test]
async fn a_listing_names_the_workflows_whose_draft_or_published_version_uses_each() {
    let (control, key) = (stack().await.control(), name("USED"));
    set(&control, "variables", &key, "x").await;
    let listener = |text: &str| {
        let text = text.replace("KEY", &key);
        json!({"return_type": "data", "return_data": text})
    };
    let with = document("sync", &listener("{{ variable('KEY') }}"), &json!([]));
    let workflow = control.publish_new(&with.to_string()).await;
    let used_by = async || {
        let read = control.get(&format!("/variables/{key}")).await;
        let users = read.body["used_by"].as_array().unwrap().clone();
        users
            .into_iter()
            .map(|user| (user["draft"] == true, user["published"] == true))
            .collect::<Vec<_>>()
    };
    assert_eq!(used_by().await, [(true, true)]);
    let mut without = with.clone();
    without["spec"]["listener"] = listener("nothing of the kind");
    let saved = control
        .update(&workflow.id, "*", &without.to_string())
        .await;
    assert_eq!(saved.status, 200);
    assert_eq!(used_by().await, [(false, true)]);
    control.publish(&workflow.id).await;
    assert_eq!(used_by().await, []);
    control.update(&workflow.id, "*", &with.to_string()).await;
    assert_eq!(used_by().await, [(true, false)]);
    // A draft alone keeps nothing from being deleted.
    assert_eq!(
        delete(&control, &format!("/variables/{key}")).await.status,
        204
    );
}
