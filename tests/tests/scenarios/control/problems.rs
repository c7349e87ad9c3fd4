//! What is wrong with a document.

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::problem;

use super::platform::{control, document, name, text};

fn twelve() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/twelve-mistakes.yaml");
    std::fs::read_to_string(file).unwrap()
}

/// Checks a list of problems, and returns their paths.
fn paths(problems: &Value) -> BTreeSet<String> {
    let problems = problems.as_array().expect("a list of problems");
    for one in problems {
        for member in ["severity", "path", "code", "message", "hint"] {
            assert!(
                !one[member].as_str().unwrap_or_default().is_empty(),
                "{one:#}"
            );
        }
    }
    problems
        .iter()
        .map(|one| one["path"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn twelve_mistakes_are_told_at_once_each_with_path_and_hint() {
    let control = control().await;
    let request = control
        .request(Method::POST, "/workflows/validate")
        .header("content-type", "application/yaml")
        .body(twelve());
    let refused = problem(request.send().await.unwrap(), 422, "invalid_workflow").await;
    let found = paths(&refused.body["problems"]);
    assert_eq!(found.len(), 12, "{:#}", refused.body);
    assert!(
        refused.text("detail").contains("12 errors"),
        "{}",
        refused.body
    );
    for path in [
        "metadata.colour",
        "spec.listener.methods[1]",
        "spec.steps[4].operator",
    ] {
        assert!(found.contains(path), "{path}: {found:?}");
    }
}

#[tokio::test]
async fn a_draft_may_have_errors_but_cannot_be_published() {
    let control = control().await;
    let draft = twelve().replace("twelve-mistakes", &name("broken"));
    let made = control.create(&draft).await;
    assert_eq!(paths(&made.body["problems"]).len(), 12);
    let reply = control.request(Method::POST, &format!("/workflows/{}/publish", made.id));
    let refused = problem(reply.send().await.unwrap(), 422, "invalid_workflow").await;
    assert_eq!(
        paths(&refused.body["problems"]).len(),
        12,
        "{:#}",
        refused.body
    );
    let read = control.get(&format!("/workflows/{}", made.id)).await;
    assert_eq!(read.body["published"], Value::Null);
    assert_eq!(super::platform::call(&made.url).await.0, 404);
}

#[tokio::test]
async fn a_broken_draft_leaves_the_published_version_alone() {
    let (control, name) = (control().await, name("then-broken"));
    let made = control.publish_new(&text(&name, "good")).await;
    let mut broken = document(&name, "{{ __data.");
    broken["spec"]["colour"] = json!("blue");
    let saved = control
        .update(&made.id, &made.etag, &broken.to_string())
        .await;
    assert_eq!(saved.status, 200);
    assert_eq!(
        paths(&saved.body["problems"])
            .into_iter()
            .collect::<Vec<_>>(),
        ["spec.colour", "spec.listener.return_data"]
    );
    assert_eq!(control.act(&made.id, "publish").await.status, 422);
    assert_eq!(
        super::platform::call(&made.url).await,
        (200, "good".to_owned())
    );
}

#[tokio::test]
async fn a_document_without_a_usable_name_is_no_draft() {
    let control = control().await;
    for name in [
        json!(null),
        json!(""),
        json!("Has Blanks"),
        json!("a/b"),
        json!(5),
        json!("x".repeat(64)),
    ] {
        let mut document = document("x", "ok");
        document["metadata"]["name"] = name.clone();
        let request = control.request(Method::POST, "/workflows").json(&document);
        let refused = problem(request.send().await.unwrap(), 422, "invalid_workflow").await;
        assert!(
            paths(&refused.body["problems"]).contains("metadata.name"),
            "{name}: {}",
            refused.body
        );
    }
}

#[tokio::test]
async fn a_good_document_validates_and_warnings_do_not_stand_in_its_way() {
    let control = control().await;
    let validate = async |document: Value| {
        let request = control.request(Method::POST, "/workflows/validate");
        control.send(request.json(&document)).await
    };
    let good = validate(document("good", "{{ __data.a }}")).await;
    assert_eq!(
        (good.status.as_u16(), &good.body),
        (200, &json!({"problems": []}))
    );
    let warned = validate(document("warned", "{{ name }}")).await;
    assert_eq!(warned.status, 200, "{:#}", warned.body);
    assert_eq!(
        warned.body["problems"][0]["severity"], "warning",
        "{:#}",
        warned.body
    );
    let missing = control.get("/workflows?name=good").await;
    assert_eq!(
        missing.body["items"],
        json!([]),
        "validating stores nothing"
    );
}

#[tokio::test]
async fn a_secret_that_is_too_short_refuses_to_publish() {
    let (control, name) = (control().await, name("short"));
    let mut document = document(&name, "ok");
    document["spec"]["listener"]["add_authentication"] = json!(true);
    document["spec"]["listener"]["endpoint_secret"] = json!("thirty-one bytes are too few..");
    let made = control.create(&document.to_string()).await;
    let refused = control.act(&made.id, "publish").await;
    assert_eq!(refused.status, 422, "{:#}", refused.body);
    assert!(
        !refused.body.to_string().contains("thirty-one"),
        "{:#}",
        refused.body
    );
    assert_eq!(super::platform::call(&made.url).await.0, 404);
}
