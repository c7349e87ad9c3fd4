//! Nobody overwrites what they have not seen.

use reqwest::{Method, RequestBuilder};
use testkit::control::Client;
use testkit::problem;

use super::platform::{control, name, text};

fn put(control: &Client, id: &str, body: String) -> RequestBuilder {
    control
        .request(Method::PUT, &format!("/workflows/{id}"))
        .header("content-type", "application/json")
        .body(body)
}

#[tokio::test]
async fn a_change_without_if_match_is_a_428_and_with_another_tag_a_412() {
    let (control, name) = (control().await, name("tags"));
    let made = control.create(&text(&name, "one")).await;
    let delete = || control.request(Method::DELETE, &format!("/workflows/{}", made.id));
    let update = || put(&control, &made.id, text(&name, "two"));
    for request in [update(), delete()] {
        let refused = problem(request.send().await.unwrap(), 428, "precondition_required").await;
        assert!(
            refused.text("detail").contains("If-Match"),
            "{}",
            refused.body
        );
    }
    for tag in ["\"0\"", "\"never\"", "W/\"1\"", "\"99999999999999999999\""] {
        for request in [update(), delete()] {
            let reply = request.header("if-match", tag).send().await.unwrap();
            problem(reply, 412, "precondition_failed").await;
        }
    }
    for tag in ["1", "\"1\", \"2\"", "\"", ""] {
        let reply = update().header("if-match", tag).send().await.unwrap();
        problem(reply, 400, "invalid_request").await;
    }
    let read = control.get(&format!("/workflows/{}", made.id)).await;
    assert_eq!(
        read.etag.as_deref(),
        Some(made.etag.as_str()),
        "nothing has changed"
    );
    let deleted = delete()
        .header("if-match", &made.etag)
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.status(), 204);
}

#[tokio::test]
async fn of_two_authors_who_read_the_same_draft_one_wins() {
    let (control, name) = (control().await, name("authors"));
    let made = control.create(&text(&name, "one")).await;
    let drafts: Vec<String> = (0..8).map(|n| text(&name, &format!("by {n}"))).collect();
    let changes = drafts
        .iter()
        .map(|draft| control.update(&made.id, &made.etag, draft));
    let replies = futures_util::future::join_all(changes).await;
    let count = |status: u16| {
        replies
            .iter()
            .filter(|reply| reply.status == status)
            .count()
    };
    assert_eq!((count(200), count(412)), (1, 7));
}

#[tokio::test]
async fn a_publish_can_be_bound_to_the_draft_that_was_seen() {
    let (control, name) = (control().await, name("bound"));
    let made = control.create(&text(&name, "one")).await;
    let updated = control.update(&made.id, "*", &text(&name, "two")).await;
    let publish = |tag: &str| {
        let path = format!("/workflows/{}/publish", made.id);
        control.request(Method::POST, &path).header("if-match", tag)
    };
    let stale = publish(&made.etag).send().await.unwrap();
    problem(stale, 412, "precondition_failed").await;
    assert_eq!(super::platform::call(&made.url).await.0, 404);
    let fresh = publish(&updated.etag.unwrap()).json(&serde_json::json!({"message": "why"}));
    let fresh = control.send(fresh).await;
    assert_eq!(fresh.status, 200, "{:#}", fresh.body);
    assert_eq!(fresh.body["published"]["message"], "why");
}
