//! Bodies that the control plane cannot read.

use reqwest::Method;
use serde_json::json;
use testkit::problem;

use super::platform::{control, document, name, text};

#[tokio::test]
async fn malformed_yaml_and_json_are_told_with_their_place() {
    let control = control().await;
    for (content_type, body) in [
        ("application/yaml", "a: [1,\nb: 2"),
        ("application/yaml", "a: 1\na: 2\n"),
        ("application/yaml", "\t- x"),
        ("application/json", "{\"a\": 1,}"),
        ("application/json", "{\"a\": "),
        ("application/json", ""),
        ("application/yaml", "- 1\n- 2"),
        ("application/yaml", "just text"),
        ("application/json", "null"),
    ] {
        for path in ["/workflows", "/workflows/validate"] {
            let request = control
                .request(Method::POST, path)
                .header("content-type", content_type);
            let refused = request.body(body).send().await.unwrap();
            let refused = problem(refused, 422, "invalid_workflow").await;
            let first = &refused.body["problems"][0];
            for member in ["path", "message", "hint"] {
                assert!(first[member].is_string(), "{body}: {}", refused.body);
            }
        }
    }
    let request = control
        .request(Method::POST, "/workflows")
        .body(b"name: \xff".to_vec());
    problem(request.send().await.unwrap(), 400, "invalid_request").await;
}

#[tokio::test]
async fn any_other_type_is_a_415_that_says_what_is_taken() {
    let control = control().await;
    for content_type in [
        "text/html",
        "application/xml",
        "application/x-www-form-urlencoded",
        "nonsense",
    ] {
        let request = control
            .request(Method::POST, "/workflows")
            .header("content-type", content_type)
            .body(text(&name("type"), "ok"));
        let refused = problem(request.send().await.unwrap(), 415, "unsupported_media_type").await;
        assert!(
            refused.text("detail").contains("application/yaml"),
            "{}",
            refused.body
        );
    }
    let yaml = control
        .request(Method::POST, "/tokens")
        .header("content-type", "application/yaml");
    problem(
        yaml.body("name: x").send().await.unwrap(),
        415,
        "unsupported_media_type",
    )
    .await;
    let absent = control
        .request(Method::POST, "/workflows")
        .body(text(&name("type"), "ok"));
    assert_eq!(
        absent.send().await.unwrap().status(),
        201,
        "an absent type is looked at"
    );
}

#[tokio::test]
async fn a_document_that_is_too_large_is_refused() {
    let control = control().await;
    let mut document = document(&name("large"), "ok");
    document["metadata"]["description"] = json!("x".repeat(3 * 1024 * 1024));
    let request = control.request(Method::POST, "/workflows").json(&document);
    problem(request.send().await.unwrap(), 413, "body_too_large").await;
    // Below the cap of a request, above that of a document.
    document["metadata"]["description"] = json!("x");
    document["spec"]["listener"]["return_data"] = json!("x".repeat(1024 * 1024 + 1));
    let request = control.request(Method::POST, "/workflows").json(&document);
    let refused = control.send(request).await;
    assert!(
        refused.status.is_client_error(),
        "{}: {:#}",
        refused.status,
        refused.body
    );
}

#[tokio::test]
async fn a_json_body_with_unknown_members_is_refused() {
    let control = control().await;
    for (path, body) in [
        (
            "/tokens",
            json!({"name": "x", "role": "viewer", "colour": "blue"}),
        ),
        ("/tokens", json!({"name": "x", "role": "root"})),
        ("/tokens", json!({"role": "viewer"})),
        ("/tokens", json!({"name": "", "role": "viewer"})),
        ("/tokens", json!([])),
    ] {
        let request = control.request(Method::POST, path).json(&body);
        problem(request.send().await.unwrap(), 400, "invalid_request").await;
    }
    let made = control.create(&text(&name("note"), "ok")).await;
    let publish = control.request(Method::POST, &format!("/workflows/{}/publish", made.id));
    let refused = publish.json(&json!({"note": "x"})).send().await.unwrap();
    problem(refused, 400, "invalid_request").await;
}

#[tokio::test]
async fn a_query_with_unknown_or_odd_members_is_refused() {
    let control = control().await;
    for path in [
        "/workflows?nmae=x",
        "/workflows?limit=0",
        "/workflows?limit=201",
        "/workflows?limit=many",
        "/workflows?cursor=made-up",
        "/workflows?cursor=",
        "/dynamic-endpoints?return_type=xml",
        "/dynamic-endpoints?authentication=maybe",
        "/dynamic-endpoints?limit=-1",
        "/dynamic-endpoints?cursor=AAAA",
        "/dynamic-endpoints?secret=x",
    ] {
        let reply = control.request(Method::GET, path).send().await.unwrap();
        problem(reply, 400, "invalid_request").await;
    }
}
