//! A secret that is replaced while callers call.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use testkit::control::Workflow;
use testkit::http;
use testkit::jwt;
use testkit::stack::Stack;
use tokio::task::JoinHandle;

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

/// Callers at both gateways of a platform, while the secret of an endpoint is replaced again and again.
struct Rotation {
    shared: Arc<Shared>,
    callers: Vec<JoinHandle<()>>,
}

impl Rotation {
    /// The callers begin, with one token for each secret, so that every verdict on it may be a kept one.
    fn begin(stack: &Stack, workflow: &Workflow) -> Self {
        let tokens = (0..=ROTATIONS + 1).map(|number| jwt::good(KEY, &secret(number)));
        let tokens: Arc<Vec<String>> = Arc::new(tokens.collect());
        let shared = Arc::new(Shared::default());
        let callers = (0..CALLERS).map(|number| {
            let gateway = stack.gateway(number % 2);
            let url = format!("{}{}", gateway.listener_url(), workflow.path());
            tokio::spawn(call(url, number, tokens.clone(), shared.clone()))
        });
        Self {
            callers: callers.collect(),
            shared,
        }
    }

    /// Whatever begins from here on may let the next secret in.
    fn begins(&self, number: usize) {
        self.shared.begun.store(number, SeqCst);
    }

    /// From here on no other secret counts. Returns once it was called with.
    async fn is_live(&self, number: usize) {
        self.shared.live.store(number, SeqCst);
        let seen = self.shared.live_passed.load(SeqCst) + CALLERS;
        testkit::until(std::time::Duration::from_secs(30), "calls", async || {
            let failed = self.callers.iter().any(JoinHandle::is_finished);
            (failed || self.shared.live_passed.load(SeqCst) >= seen).then_some(())
        })
        .await;
    }

    async fn end(self) {
        self.shared.finished.store(1, SeqCst);
        for caller in self.callers {
            caller.await.expect("no caller saw a wrong verdict");
        }
        let refused = self.shared.old_refused.load(SeqCst);
        assert!(refused > ROTATIONS, "old tokens were tried {refused} times");
    }
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
    let rotation = Rotation::begin(&stack, &workflow);
    let mut etag = workflow.etag.clone();
    for number in 1..=ROTATIONS {
        let text = with_secret(document.clone(), number);
        let saved = control.update(&workflow.id, &etag, &text).await;
        assert_eq!(saved.status, 200, "{:#}", saved.body);
        rotation.begins(number);
        let published = control.publish(&workflow.id).await;
        rotation.is_live(number).await;
        etag = published.etag.expect("an entity tag");
    }
    rotation.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_secret_is_set_no_old_token_passes_and_no_new_one_is_refused() {
    let stack = Stack::builder().gateways(2).start().await;
    let control = stack.control();
    let set = async |number: usize| {
        let request = control.request(Method::PUT, "/secrets/JWT_SECRET");
        let request = request.json(&json!({ "value": secret(number) }));
        let reply = control.send(request).await;
        assert!(reply.status.is_success(), "{:#}", reply.body);
    };
    set(0).await;
    let document = document(&json!({ "endpoint_secret": "{{ secret('JWT_SECRET') }}" }));
    let workflow = control.publish_new(&document.to_string()).await;
    let rotation = Rotation::begin(&stack, &workflow);
    for number in 1..=ROTATIONS {
        rotation.begins(number);
        set(number).await;
        rotation.is_live(number).await;
    }
    rotation.end().await;
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
