//! Workflows as the control plane shows them.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::problem;

use super::platform::{control, document, name, stack, text};

#[tokio::test]
async fn a_created_workflow_is_shown_with_everything_that_its_author_needs() {
    let (control, name) = (control().await, name("shown"));
    let mut document = document(&name, "ok");
    document["metadata"]["category"] = json!("tests");
    let before = Timestamp::now();
    let request = control.request(Method::POST, "/workflows").json(&document);
    let reply = request.send().await.unwrap();
    assert_eq!(reply.status(), 201);
    let headers = reply.headers().clone();
    let body: Value = reply.json().await.unwrap();
    let id = body["id"].as_str().unwrap();
    assert_eq!(headers["location"], format!("/api/v1/workflows/{id}"));
    assert_eq!(
        headers["etag"],
        format!("\"{}\"", body["etag"].as_str().unwrap())
    );
    assert!(headers.contains_key("x-request-id"));
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(body["name"], *name);
    assert_eq!(body["category"], "tests");
    assert_eq!(body["document"], document);
    assert_eq!(body["published"], Value::Null);
    assert_eq!(body["problems"], json!([]));
    assert!(
        body.get("credentials").is_none(),
        "no authentication, no credentials"
    );
    let url = body["endpoint"]["url"].as_str().unwrap();
    let listener = stack().await.gateway(0).listener_url();
    let hashes: Vec<&str> = url
        .strip_prefix(&format!("{listener}/listener/"))
        .unwrap()
        .split('/')
        .collect();
    assert_eq!(hashes.len(), 2);
    for hash in &hashes {
        let hex = hash
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        assert!(hash.len() == 32 && hex, "{url}");
    }
    assert_ne!(hashes[0], hashes[1]);
    for moment in ["created_at", "updated_at"] {
        let moment: Timestamp = body[moment].as_str().unwrap().parse().unwrap();
        let most = Timestamp::now();
        assert!(
            moment.as_second() >= before.as_second() && moment <= most,
            "{moment}"
        );
    }
}

#[tokio::test]
async fn a_workflow_is_read_and_listed_as_it_was_saved() {
    let (control, name) = (control().await, name("read"));
    let made = control.create(&text(&name, "ok")).await;
    let read = control.get(&format!("/workflows/{}", made.id)).await;
    assert_eq!(read.status, 200);
    assert_eq!(read.etag.as_deref(), Some(made.etag.as_str()));
    assert_eq!(read.body["document"], document(&name, "ok"));
    assert_eq!(read.body["endpoint"]["url"], *made.url);
    let list = control.get(&format!("/workflows?name={name}")).await;
    let items = list.body["items"].as_array().unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["id"], *made.id);
    assert!(items[0].get("document").is_none(), "a list is short");
    assert_eq!(list.body["next_cursor"], Value::Null);
}

#[tokio::test]
async fn yaml_and_json_say_the_same() {
    let (control, name) = (control().await, name("yaml"));
    let yaml = format!(
        "apiVersion: earshot/v1\nkind: Workflow\nmetadata: {{name: {name}}}\nspec:\n  record_type: virtual\n  \
         source: listener\n  run_mode: sync\n  listener:\n    return_type: data\n    return_data: >-\n      ok\n"
    );
    let made = control.create(&yaml).await;
    assert_eq!(made.body["document"], document(&name, "ok"));
    let same = control
        .update(&made.id, &made.etag, &text(&name, "ok"))
        .await;
    assert_eq!(
        same.etag.as_deref(),
        Some(made.etag.as_str()),
        "nothing new was said"
    );
}

#[tokio::test]
async fn a_workflow_may_take_another_name_but_none_that_is_taken() {
    let control = control().await;
    let (one, two, three) = (name("name"), name("name"), name("name"));
    let first = control.publish_new(&text(&one, "ok")).await;
    let second = control.create(&text(&two, "ok")).await;
    let taken = control.update(&second.id, "*", &text(&one, "ok")).await;
    assert_eq!(
        (taken.status.as_u16(), taken.body["code"].as_str()),
        (409, Some("conflict"))
    );
    assert!(
        taken.body["detail"].as_str().unwrap().contains(&one),
        "{:#}",
        taken.body
    );
    let renamed = control
        .update(&first.id, &first.etag, &text(&three, "ok"))
        .await;
    assert_eq!(renamed.status, 200, "{:#}", renamed.body);
    assert_eq!(renamed.body["name"], *three);
    assert_eq!(
        renamed.body["endpoint"]["url"], *first.url,
        "the URL never changes"
    );
    assert_eq!(
        control.try_create(&text(&one, "ok")).await.status,
        201,
        "the name is free"
    );
}

#[tokio::test]
async fn what_is_not_there_is_a_404_whatever_is_asked_of_it() {
    let control = control().await;
    for id in [
        "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee",
        "no-id",
        "%00",
        "..%2f",
    ] {
        for (method, path) in [
            (Method::GET, format!("/workflows/{id}")),
            (Method::PUT, format!("/workflows/{id}")),
            (Method::DELETE, format!("/workflows/{id}")),
            (Method::POST, format!("/workflows/{id}/publish")),
            (Method::POST, format!("/workflows/{id}/unpublish")),
            (Method::POST, format!("/dynamic-endpoints/{id}/token")),
            (Method::DELETE, format!("/tokens/{id}")),
        ] {
            let mut request = control
                .request(method.clone(), &path)
                .header("if-match", "*");
            if method == Method::PUT {
                request = request.body(text(&name("nowhere"), "ok"));
            }
            problem(request.send().await.unwrap(), 404, "not_found").await;
        }
    }
    for path in ["/", "/nothing", "/workflows/", "/workflows/x/y/z"] {
        let reply = control.request(Method::GET, path).send().await.unwrap();
        problem(reply, 404, "not_found").await;
    }
    let wrong = control
        .request(Method::PATCH, "/workflows")
        .send()
        .await
        .unwrap();
    let wrong = problem(wrong, 405, "method_not_allowed").await;
    let allow = wrong.headers["allow"].to_str().unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
}
