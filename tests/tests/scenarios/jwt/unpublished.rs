//! An endpoint behind authentication that is taken off while callers call.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use serde_json::json;
use testkit::http;
use testkit::jwt::{self, Algorithm};

use super::endpoint::{Endpoint, KEY, SECRET};

const ROUNDS: usize = 25;
const CALLERS: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_with_a_good_token_gets_its_reply_or_the_404_and_nothing_else() {
    let endpoint = Endpoint::with(json!({})).await;
    let (over, calls) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (over, calls) = (over.clone(), calls.clone());
            let url = endpoint.workflow.url.clone();
            tokio::spawn(async move {
                let client = http::client();
                let mut seen = HashSet::new();
                for number in 0.. {
                    if over.load(SeqCst) {
                        break;
                    }
                    // A token of its own for each call, so that no verdict is a kept one.
                    let mut claims = jwt::claims(KEY);
                    claims["jti"] = json!(format!("{caller}.{number}"));
                    let token = jwt::mint(Algorithm::HS256, SECRET.as_bytes(), &claims);
                    let reply = client.get(&url).bearer_auth(token).send().await.unwrap();
                    seen.insert(reply.status().as_u16());
                    calls.fetch_add(1, SeqCst);
                }
                seen
            })
        })
        .collect();
    let id = &endpoint.workflow.id;
    for _ in 0..ROUNDS {
        for verb in ["unpublish", "publish"] {
            let enough = calls.load(SeqCst) + CALLERS;
            testkit::until(Duration::from_secs(30), "calls", async || {
                (calls.load(SeqCst) >= enough).then_some(())
            })
            .await;
            let reply = endpoint.control.act(id, verb).await;
            assert_eq!(reply.status, 200, "{:#}", reply.body);
        }
    }
    over.store(true, SeqCst);
    let mut seen = HashSet::new();
    for caller in callers {
        seen.extend(caller.await.unwrap());
    }
    assert_eq!(seen, HashSet::from([200, 404]));
}
