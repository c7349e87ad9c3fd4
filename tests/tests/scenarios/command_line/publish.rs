//! `earshot publish` and `earshot unpublish`.

use super::platform::{earshot, name, workflow};

#[tokio::test]
async fn a_workflow_is_published_and_unpublished_by_its_name_or_id() {
    let name = name("by-name");
    let apply = earshot(&["apply", "-f", "-", "-o", "json"]).await;
    let applied = apply
        .input(&workflow(&name, "ok", ""))
        .run()
        .await
        .with(0)
        .json();
    let id = applied[0]["id"].as_str().unwrap();
    let url = applied[0]["endpoint"]["url"].as_str().unwrap();
    let status = async || {
        testkit::http::client()
            .get(url)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(status().await, 404);
    for named in [&name, id] {
        let table = earshot(&["publish", named, "--message", "now"])
            .await
            .run()
            .await
            .with(0)
            .out;
        assert!(table.contains(&name) && table.contains(url), "{table}");
        assert_eq!(status().await, 200);
        let json = earshot(&["unpublish", named, "-o", "json"])
            .await
            .run()
            .await
            .with(0)
            .json();
        assert_eq!(json["published"], serde_json::Value::Null);
        assert_eq!(status().await, 404);
    }
}

#[tokio::test]
async fn a_workflow_that_is_not_there_or_broken_ends_with_1() {
    for command in ["publish", "unpublish"] {
        let ended = earshot(&[command, "no-such-workflow"])
            .await
            .run()
            .await
            .with(1);
        assert!(ended.err.contains("no-such-workflow"), "{}", ended.err);
    }
    let name = name("broken");
    let apply = earshot(&["apply", "-f", "-"]).await;
    let applied = apply
        .input(&workflow(&name, "ok", "    colour: blue\n"))
        .run()
        .await
        .with(0);
    assert!(
        applied.err.contains("spec.listener.colour"),
        "a draft may have errors: {}",
        applied.err
    );
    let ended = earshot(&["publish", &name]).await.run().await.with(1);
    assert!(
        ended.err.contains("spec.listener.colour") && ended.err.contains("invalid_workflow"),
        "{}",
        ended.err
    );
}
