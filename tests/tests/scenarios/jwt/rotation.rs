//! A secret that is replaced while callers call.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use testkit::http;
use testkit::jwt;
use testkit::stack::Stack;

use super::endpoint::{KEY, document};

const ROTATIONS: usize = 20;
const CALLERS: usize = 8;

/// What the author has done so far, and what the callers have seen.
#[derive(Default)]
struct Shared {
    /// The number of the secret whose publish has begun.
    begun: AtomicUsize,
    /// The number of the secret whose publish has returned.
    live: AtomicUsize,
    finished: AtomicUsize,
    old_refused: AtomicUsize,
    live_passed: AtomicUsize,
}

fn secret(number: usize) -> String {
    format!("secret number {number} of those that are replaced under load")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_publish_no_old_token_passes_and_no_new_one_is_refused() {
    let stack = Stack::builder().gateways(2).start().await;
    let control = stack.control();
    let with_secret = |mut document: Value, number: usize| {
        document["spec"]["listener"]["endpoint_secret"] = json!(secret(number));
        document.to_string()
    };
    let document = document(&json!({}));
    let workflow = control.publish_new(&with_secret(document.clone(), 0)).await;
    // One token for each secret, so that every verdict on it may be a kept one.
    let tokens: Vec<String> = (0..=ROTATIONS + 1)
        .map(|number| jwt::good(KEY, &secret(number)))
        .collect();
    let (shared, tokens) = (Arc::new(Shared::default()), Arc::new(tokens));
    let callers: Vec<_> = (0..CALLERS)
        .map(|number| {
            let gateway = stack.gateway(number % 2);
            let url = format!("{}{}", gateway.listener_url(), workflow.path());
            tokio::spawn(call(url, number, tokens.clone(), shared.clone()))
        })
        .collect();

    let mut etag = workflow.etag.clone();
    for number in 1..=ROTATIONS {
        let text = with_secret(document.clone(), number);
        let saved = control.update(&workflow.id, &etag, &text).await;
        assert_eq!(saved.status, 200, "{:#}", saved.body);
        shared.begun.store(number, SeqCst);
        let published = control.publish(&workflow.id).await;
        shared.live.store(number, SeqCst);
        etag = published.etag.expect("an entity tag");
        // Each secret is called with before the next one comes.
        let seen = shared.live_passed.load(SeqCst) + CALLERS;
        testkit::until(std::time::Duration::from_secs(30), "calls", async || {
            let failed = callers.iter().any(tokio::task::JoinHandle::is_finished);
            (failed || shared.live_passed.load(SeqCst) >= seen).then_some(())
        })
        .await;
    }
    shared.finished.store(1, SeqCst);
    for caller in callers {
        caller.await.expect("no caller saw a wrong verdict");
    }
    let refused = shared.old_refused.load(SeqCst);
    assert!(refused > ROTATIONS, "old tokens were tried {refused} times");
}

/// Calls with the tokens of the secret before, of the one that is live and of the next, until the author is done.
async fn call(url: String, first: usize, tokens: Arc<Vec<String>>, shared: Arc<Shared>) {
    let client = http::client();
    for round in first.. {
        if shared.finished.load(SeqCst) == 1 {
            return;
        }
        let live = shared.live.load(SeqCst);
        let used = (live + round % 3).saturating_sub(1);
        let status = ask(&client, &url, &tokens[used]).await;
        let begun = shared.begun.load(SeqCst);
        let row = format!("token {used}: {status}; live {live}, begun {begun}");
        if used < live || used > begun {
            assert_eq!(status, 401, "{row}");
            shared
                .old_refused
                .fetch_add(usize::from(used < live), SeqCst);
        } else if live == begun {
            assert_eq!(status, 200, "{row}");
            shared.live_passed.fetch_add(1, SeqCst);
        } else {
            // A publish was under way: either verdict is right, and no other answer is.
            assert!(status == 200 || status == 401, "{row}");
        }
    }
}

async fn ask(client: &Client, url: &str, token: &str) -> StatusCode {
    let sent = client.get(url).bearer_auth(token).send().await;
    sent.expect("the gateway answers").status()
}
