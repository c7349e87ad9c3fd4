//! `earshot runs replay` and `earshot runs test`.

use serde_json::{Value, json};
use testkit::document::document;

use super::command_line::{command, shown};
use super::platform::{says, stack};
use super::trials::called;

#[tokio::test]
async fn a_run_is_replayed_and_a_draft_tested_on_the_command_line() {
    let body = json!({"a": 1});
    let listener = says("{{ __data.a }}");
    let (workflow, origin) = called("by-hand-again", "sync", listener, json!([]), body).await;
    let id = origin["id"].as_str().unwrap();
    let new = shown(&["runs", "replay", id]).await;
    let page = shown(&["runs", "replay", id, "--follow"]).await;
    assert!(page.contains("against    published"), "{page}");
    assert!(page.contains(&format!("replay of  {id}")), "{page}");
    assert_ne!(new.trim(), id);
    let payload = r#"{"body": {"json": {"a": 5}}}"#;
    let run = ["runs", "replay", id, "--payload", payload, "--wait"];
    let run = shown(&[&run[..], &["-o", "json"]].concat()).await;
    let run: Value = serde_json::from_str(&run).unwrap();
    assert_eq!(run["reply"]["body"]["text"], "5");

    let control = stack().await.control();
    let draft = document(
        "by-hand-again",
        "sync",
        &says("new {{ __data.a }}"),
        &json!([]),
    );
    control.update(&workflow.id, "*", &draft.to_string()).await;
    for arguments in [
        &["runs", "replay", id, "--draft", "--recorded", "--follow"][..],
        &[
            "runs",
            "test",
            "by-hand-again",
            "-d",
            "{\"a\": 1}",
            "--follow",
        ],
        &[
            "runs",
            "test",
            "by-hand-again",
            "-d",
            "{\"a\": 1}",
            "--recorded",
            id,
            "--follow",
        ],
    ] {
        let page = shown(arguments).await;
        assert!(page.contains("new 1"), "{page}");
        assert!(page.contains("against    draft"), "{page}");
    }
    let list = shown(&["runs", "list", "--replay-of", id, "--test", "true"]).await;
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(list.contains("draft"), "{list}");
}

#[tokio::test]
async fn a_run_that_fails_is_a_failure_of_the_command() {
    let steps = json!([{"id": "end", "type": "stop", "outcome": "failure", "message": "as asked"}]);
    let (_, origin) = called("by-hand-failed", "async", says("ok"), steps, json!({})).await;
    let stack = stack().await;
    let id = origin["id"].as_str().unwrap();
    for (arguments, code) in [
        (vec!["runs", "replay", id, "--follow"], 1),
        (vec!["runs", "replay", id, "--payload", "{"], 64),
        (vec!["runs", "replay", id, "--draft", "--origin"], 64),
        (vec!["runs", "test", "nobody-at-all"], 1),
    ] {
        let url = stack.gateway(0).control_url();
        let mut command = command(&url, stack.admin_token(), &arguments);
        let done = tokio::task::spawn_blocking(move || command.output().unwrap());
        let done = done.await.unwrap();
        assert_eq!(done.status.code(), Some(code), "{arguments:?}");
    }
}
