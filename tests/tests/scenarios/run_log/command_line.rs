//! `earshot runs`.

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use testkit::http::client;
use testkit::until;

use super::platform::{SOON, only, publish, says, stack};

fn command(control_url: &str, token: &str, arguments: &[&str]) -> Command {
    let mut command = testkit::program("earshot");
    command
        .args(arguments)
        .env("EARSHOT_URL", control_url)
        .env("EARSHOT_TOKEN", token);
    command
}

async fn shown(arguments: &[&str]) -> String {
    let stack = stack().await;
    let mut command = command(
        &stack.gateway(0).control_url(),
        stack.admin_token(),
        arguments,
    );
    let done = tokio::task::spawn_blocking(move || command.output().unwrap());
    let done = done.await.unwrap();
    let text = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{text}");
    String::from_utf8(done.stdout).unwrap()
}

#[tokio::test]
async fn runs_are_listed_shown_and_followed_on_the_command_line() {
    let steps = json!([{"id": "tell", "type": "log", "message": "told so"}]);
    let workflow = publish("by-hand", "sync", says("ok"), steps).await;
    let stack = stack().await;
    let mut follow = command(
        &stack.gateway(0).control_url(),
        stack.admin_token(),
        &["runs", "follow", "--workflow", "by-hand", "-o", "json"],
    );
    let mut following = follow.stdout(Stdio::piped()).spawn().unwrap();
    let mut out = std::io::BufReader::new(following.stdout.take().unwrap());
    let read = std::thread::spawn(move || {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut out, &mut line).unwrap();
        line
    });
    // It cannot be seen from outside when it follows: call until it has heard of one.
    until(SOON, "a run to be followed", async || {
        client().get(&workflow.url).send().await.unwrap();
        read.is_finished().then_some(())
    })
    .await;
    let heard: Value = serde_json::from_str(&read.join().unwrap()).unwrap();
    assert_eq!(heard["workflow"], "by-hand");
    following.kill().unwrap();
    following.wait().unwrap();
    let id = heard["id"].as_str().unwrap();
    let list = shown(&[
        "runs",
        "list",
        "--workflow",
        "by-hand",
        "--from",
        "1h",
        "--limit",
        "1000",
    ])
    .await;
    assert!(list.contains(id) && list.contains("STARTED"), "{list}");
    let one = shown(&[
        "runs",
        "list",
        "--workflow",
        "by-hand",
        "--limit",
        "1",
        "-o",
        "json",
    ])
    .await;
    let one: Value = serde_json::from_str(&one).unwrap();
    assert_eq!(one.as_array().unwrap().len(), 1);
    let page = shown(&["runs", "show", id]).await;
    for part in ["by-hand", "STEP TELL (LOG)", "told so", "REPLY", "ok"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let whole: Value =
        serde_json::from_str(&shown(&["runs", "show", id, "-o", "json"]).await).unwrap();
    assert_eq!(whole["steps"][0]["id"], "tell");
}

#[tokio::test]
async fn a_step_in_a_turn_is_shown_with_it_and_so_is_how_much_was_left_out() {
    let inner = json!({"id": "inner", "type": "for_each", "items": "{{ 1..__data.item }}",
        "do": [{"id": "say", "type": "log", "message": "so"}]});
    let steps = json!([{"id": "outer", "type": "for_each", "items": [2, 500], "do": [inner]}]);
    let workflow = publish("turns-by-hand", "sync", says("ok"), steps).await;
    client().get(&workflow.url).send().await.unwrap();
    let run = only(&stack().await.control(), "turns-by-hand").await;
    let page = shown(&["runs", "show", run["id"].as_str().unwrap()]).await;
    for part in [
        "STEP SAY[0,1] (LOG)",
        "STEP INNER[0] (FOR_EACH)",
        "STEP OUTER (FOR_EACH)",
        "info  say[1,7]  so",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    // Of 504 steps in turns 500, and as many of the 502 lines.
    assert!(
        page.contains("LEFT OUT\n6 more steps, lines and names"),
        "{page}"
    );
}

#[tokio::test]
async fn a_run_that_is_not_there_is_said_to_be_so() {
    publish("nobody", "sync", says("ok"), json!([])).await;
    let stack = stack().await;
    let arguments = ["runs", "show", "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee"];
    let mut command = command(
        &stack.gateway(0).control_url(),
        stack.admin_token(),
        &arguments,
    );
    let done = tokio::task::spawn_blocking(move || command.output().unwrap());
    let done = done.await.unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("not_found"));
    let empty = shown(&["runs", "list", "--workflow", "nobody"]).await;
    assert_eq!(empty.lines().count(), 1, "{empty}");
}
