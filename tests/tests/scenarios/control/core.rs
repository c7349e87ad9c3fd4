//! What every database has to bear out: a workflow from its creation to its end.

use reqwest::Method;
use testkit::stack::Stack;

use super::platform::{call, name, stack, text};

/// The way of a workflow through all its states.
pub(super) async fn a_workflow_lives(stack: &Stack) {
    let control = stack.control();
    let name = name("core");
    let made = control.create(&text(&name, "one")).await;
    assert_eq!(call(&made.url).await.0, 404, "a draft answers nowhere");
    let published = control.publish(&made.id).await;
    assert_eq!(published.body["published"]["number"], 1);
    assert_eq!(published.body["changed"], false);
    assert_eq!(call(&made.url).await, (200, "one".to_owned()));
    let again = control.publish(&made.id).await;
    assert_eq!(
        again.body["published"]["number"], 1,
        "the same draft makes no new version"
    );
    let updated = control
        .update(&made.id, &made.etag, &text(&name, "two"))
        .await;
    assert_eq!(updated.status, 200, "{:#}", updated.body);
    assert_eq!(updated.body["changed"], true);
    let etag = updated.etag.expect("an entity tag");
    assert_ne!(etag, made.etag);
    assert_eq!(
        call(&made.url).await,
        (200, "one".to_owned()),
        "a draft is nobody's business"
    );
    let stale = control
        .update(&made.id, &made.etag, &text(&name, "three"))
        .await;
    assert_eq!(stale.status, 412);
    let published = control.publish(&made.id).await;
    assert_eq!(published.body["published"]["number"], 2);
    assert_eq!(call(&made.url).await, (200, "two".to_owned()));
    let other = control.try_create(&text(&name, "other")).await;
    assert_eq!(
        (other.status.as_u16(), other.body["code"].as_str()),
        (409, Some("conflict"))
    );
    control.unpublish(&made.id).await;
    assert_eq!(call(&made.url).await.0, 404);
    control.publish(&made.id).await;
    assert_eq!(call(&made.url).await, (200, "two".to_owned()));
    let path = format!("/workflows/{}", made.id);
    let delete = control
        .request(Method::DELETE, &path)
        .header("if-match", &etag);
    assert_eq!(control.send(delete).await.status, 204);
    assert_eq!(call(&made.url).await.0, 404);
    assert_eq!(control.get(&path).await.status, 404);
    let reborn = control.create(&text(&name, "four")).await;
    assert_ne!(reborn.path(), made.path(), "a new workflow has a new URL");
}

#[tokio::test]
async fn a_workflow_lives_on_sqlite() {
    a_workflow_lives(stack().await).await;
}
