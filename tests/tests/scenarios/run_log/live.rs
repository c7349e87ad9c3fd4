//! Following runs live.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use testkit::control::Client;
use testkit::document::document;
use testkit::http::client;
use testkit::problem;

use super::platform::{SOON, builder, publish, says, stack};

/// Opens a live tail; it is heard from the first bytes on.
async fn follow(control: &Client, query: &str) -> Tail {
    let request = control.request(Method::GET, &format!("/runs/live{query}"));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut tail = Tail {
        response,
        text: String::new(),
    };
    assert!(tail.more().await, "the stream begins with a comment");
    tail
}

struct Tail {
    response: Response,
    text: String,
}

impl Tail {
    async fn more(&mut self) -> bool {
        let chunk = tokio::time::timeout(SOON, self.response.chunk()).await;
        match chunk.expect("the stream goes on").unwrap() {
            Some(chunk) => {
                self.text.push_str(std::str::from_utf8(&chunk).unwrap());
                true
            }
            None => false,
        }
    }

    /// The next event with its data.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
                if let (Some(event), Some(data)) = (field("event: "), field("data: ")) {
                    return Some((event.to_owned(), serde_json::from_str(data).unwrap()));
                }
            }
            if !self.more().await {
                return None;
            }
        }
    }
}

#[tokio::test]
async fn a_run_is_seen_as_it_ends_by_all_who_wait_for_one_like_it() {
    let workflow = publish("live", "sync", says("ok"), json!([])).await;
    let other = publish("live-other", "sync", says("ok"), json!([])).await;
    let control = stack().await.control();
    let mut tails = Vec::new();
    for query in [
        "?workflow=live".to_owned(),
        format!("?workflow={}&state=succeeded", workflow.id),
        format!("?endpoint={}&text=findme", workflow.endpoint_id),
    ] {
        tails.push(follow(&control, &query).await);
    }
    client().get(&other.url).send().await.unwrap();
    let url = format!("{}?q=findme-17", workflow.url);
    client().get(url).send().await.unwrap();
    for tail in &mut tails {
        let (event, run) = tail.next().await.unwrap();
        assert_eq!((event.as_str(), &run["workflow"]), ("run", &json!("live")));
        let listed = control.get("/runs?workflow=live").await.body;
        assert_eq!(listed["items"][0], run);
    }
}

#[tokio::test]
async fn a_tail_ends_with_a_word_when_the_gateway_stops_or_the_token_expires() {
    let stack = builder().gateways(2).start().await;
    let control = stack.control();
    let document = document("ending", "sync", &says("ok"), &json!([]));
    control.publish_new(&document.to_string()).await;
    let minted = control
        .request(Method::POST, "/tokens")
        .json(&json!({"name": "short", "role": "viewer", "expires_in_seconds": 2}));
    let token = control.send(minted).await.body["token"].clone();
    let short = control.with_token(token.as_str().unwrap());
    let mut tail = follow(&short, "").await;
    assert_eq!(
        tail.next().await,
        Some(("end".to_owned(), json!({"reason": "token_expired"})))
    );
    assert_eq!(tail.next().await, None);
    let refused = short
        .request(Method::GET, "/runs/live")
        .send()
        .await
        .unwrap();
    problem(refused, 401, "unauthenticated").await;
    let mut tail = follow(&control, "").await;
    stack.gateway(0).terminate();
    assert_eq!(
        tail.next().await,
        Some(("end".to_owned(), json!({"reason": "shutdown"})))
    );
    assert_eq!(tail.next().await, None);
    assert_eq!(stack.gateway(0).wait().await.code(), Some(0));
}

#[tokio::test]
async fn a_tail_ends_soon_after_its_token_is_revoked() {
    let control = stack().await.control();
    let minted = control
        .request(Method::POST, "/tokens")
        .json(&json!({"name": "taken-away", "role": "viewer"}));
    let minted = control.send(minted).await.body;
    let taken = control.with_token(minted["token"].as_str().unwrap());
    let mut tail = follow(&taken, "?workflow=nobody-calls-it").await;
    let path = format!("/tokens/{}", minted["id"].as_str().unwrap());
    let revoked = control.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(revoked.status(), 204);
    assert_eq!(
        tail.next().await,
        Some(("end".to_owned(), json!({"reason": "unauthenticated"})))
    );
    assert_eq!(tail.next().await, None);
}

#[tokio::test]
async fn a_text_that_the_list_refuses_is_refused_by_the_tail() {
    let control = stack().await.control();
    for text in ["---".to_owned(), "a".repeat(201), "a%01".to_owned()] {
        let mut details = Vec::new();
        for path in ["/runs", "/runs/live"] {
            let request = control.request(Method::GET, &format!("{path}?text={text}"));
            let refused = request.send().await.unwrap();
            let refused = problem(refused, 400, "invalid_request").await;
            details.push(refused.text("detail").to_owned());
        }
        assert_eq!(details[0], details[1]);
    }
}
