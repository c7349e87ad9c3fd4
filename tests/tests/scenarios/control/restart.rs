//! What a restart keeps.

use testkit::stack::Stack;

use super::platform::{call, text};

#[tokio::test]
async fn a_restart_of_registry_svc_keeps_everything() {
    let stack = Stack::start().await;
    let control = stack.control();
    let published = control.publish_new(&text("published", "one")).await;
    let changed = control
        .update(&published.id, &published.etag, &text("published", "two"))
        .await;
    let draft = control.create(&text("draft", "draft")).await;
    let (workflows, endpoints, tokens) = ("/workflows", "/dynamic-endpoints", "/tokens");
    let mut before = Vec::new();
    for path in [workflows, endpoints, tokens] {
        before.push(control.get(path).await.body);
    }
    stack.registry().terminate();
    let ended = stack.registry().wait().await;
    assert_eq!(ended.code(), Some(0), "a stop is drained");
    assert_eq!(
        call(&published.url).await,
        (200, "one".to_owned()),
        "calls need no registry"
    );
    stack.registry().restart().await;
    for (path, before) in [workflows, endpoints, tokens].into_iter().zip(before) {
        assert_eq!(control.get(path).await.body, before, "{path}");
    }
    let read = control.get(&format!("/workflows/{}", published.id)).await;
    assert_eq!(read.etag, changed.etag);
    assert_eq!(read.body["changed"], true);
    control.publish(&published.id).await;
    assert_eq!(call(&published.url).await, (200, "two".to_owned()));
    assert_eq!(
        control
            .update(&draft.id, &draft.etag, &text("draft", "changed"))
            .await
            .status,
        200
    );
    // Killed, not stopped: what was answered is kept as well.
    let late = control.publish_new(&text("late", "late")).await;
    stack.registry().kill();
    stack.registry().restart().await;
    assert_eq!(call(&late.url).await, (200, "late".to_owned()));
    assert_eq!(
        control.get(&format!("/workflows/{}", late.id)).await.body["published"]["number"],
        1
    );
}

#[tokio::test]
async fn a_restart_of_everything_keeps_everything_and_prints_no_token_again() {
    let stack = Stack::start().await;
    let made = stack.control().publish_new(&text("kept", "kept")).await;
    stack.nats().stop();
    stack.nats().restart();
    for service in stack.services() {
        service.restart().await;
    }
    let control = stack.control();
    assert_eq!(
        control.get(&format!("/workflows/{}", made.id)).await.etag,
        Some(made.etag.clone())
    );
    assert_eq!(call(&made.url).await, (200, "kept".to_owned()));
    let printed = stack.auth().stdout().matches("admin token: ").count();
    assert_eq!(printed, 1, "{}", stack.auth().stdout().len());
}
