//! auth-svc is away: nobody passes who was not known to be good before.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use testkit::stack::Stack;
use testkit::until;

use super::endpoint::{Endpoint, Reply, document, token};

/// How long a gateway may keep a yes.
const KEPT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_dead_auth_service_lets_nobody_pass_and_is_missed_no_longer_when_it_is_back() {
    let stack = Stack::start().await;
    let endpoint = Endpoint::on(&stack, &document(&json!({}))).await;
    let open = document(&json!({ "add_authentication": false }));
    let open = Endpoint::on(&stack, &open).await;
    let known = token(&json!({ "sub": "known" }));
    endpoint.call(&known).await.is_passed("before");
    let verdict = Instant::now();

    stack.auth().kill();
    let unknown = token(&json!({ "sub": "unknown" }));
    for row in [&unknown, "no.to.ken", &token(&json!({ "iss": "x" }))] {
        endpoint.call(row).await.is_unavailable(row);
    }
    let nothing = Reply::to(endpoint.request(Method::GET)).await;
    nothing.is_missing("no token needs no verdict");
    let open = Reply::to(open.request(Method::GET)).await;
    open.is_passed("an endpoint without authentication");
    let listing = endpoint.control.get("/dynamic-endpoints").await;
    assert_eq!(listing.status, 503, "{}", listing.body);

    // The yes that was kept ends after 30 seconds at most, although the token is good for longer.
    until(KEPT * 2, "the kept verdict to end", async || {
        let asked = verdict.elapsed();
        let reply = endpoint.call(&known).await;
        if reply.status != 200 {
            reply.is_unavailable("the kept verdict has ended");
            return Some(());
        }
        assert!(asked <= KEPT, "still passed after {asked:?}");
        None
    })
    .await;

    stack.auth().restart().await;
    for token in [&known, &unknown] {
        endpoint.call(token).await.is_passed("auth-svc is back");
    }
    let reply = endpoint.call("no.to.ken").await;
    reply.is_denied("invalid", "auth-svc is back");
}

#[tokio::test]
async fn an_auth_service_that_hangs_lets_nobody_pass_either() {
    let stack = Stack::start().await;
    let endpoint = Endpoint::on(&stack, &document(&json!({}))).await;
    stack.auth().pause();
    let unknown = token(&json!({}));
    endpoint.call(&unknown).await.is_unavailable("it hangs");
    stack.auth().resume();
    until(KEPT, "auth-svc to go on", async || {
        let reply = endpoint.call(&unknown).await;
        if reply.status == 200 {
            return Some(());
        }
        reply.is_unavailable("not there yet");
        None
    })
    .await;
}
