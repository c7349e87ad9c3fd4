//! Nothing runs for a preflight, and nothing for an origin that may not call.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use testkit::stack::Stack;
use testkit::{http, until};

use super::endpoint::{ALLOWED, Endpoint, FOREIGN, Reply, behind_jwt, document, token};

/// How many runs the runner has ended, as its metrics say.
async fn runs(stack: &Stack) -> u64 {
    let url = format!("{}/metrics", stack.runner(0).ops_url());
    let text = http::client().get(url).send().await.unwrap();
    let text = text.text().await.unwrap();
    text.lines()
        .filter(|line| line.starts_with("earshot_runner_runs_total"))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
        .sum()
}

#[tokio::test]
async fn a_hundred_preflights_start_no_run_and_one_call_starts_one() {
    let stack = Stack::start().await;
    let plain = Endpoint::on(&stack, &document(&json!({}))).await;
    let signed = Endpoint::on(&stack, &document(&behind_jwt(&json!({})))).await;
    let mut queued = document(&behind_jwt(&json!({})));
    queued["spec"]["run_mode"] = json!("async");
    let queued = Endpoint::on(&stack, &queued).await;
    assert_eq!(runs(&stack).await, 0);
    for _ in 0..20 {
        for endpoint in [&plain, &signed, &queued] {
            for (origin, status) in [(ALLOWED, 204), (FOREIGN, 403)] {
                let preflight = endpoint.preflight(origin, "POST");
                let preflight = preflight.bearer_auth(token()).body("{\"a\": 1}");
                assert_eq!(Reply::to(preflight).await.status, status);
            }
            let call = endpoint.from(FOREIGN, Method::POST).bearer_auth(token());
            Reply::to(call.body("{}")).await.is_refused("a call");
        }
    }
    // Runs are counted when they end: what came first would be counted by the time that the last one is.
    for (number, endpoint) in [&plain, &signed, &queued].into_iter().enumerate() {
        let call = endpoint.from(ALLOWED, Method::POST).bearer_auth(token());
        let reply = Reply::to(call.body("{}")).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let wanted = number as u64 + 1;
        until(Duration::from_secs(30), "the run to end", async || {
            (runs(&stack).await >= wanted).then_some(())
        })
        .await;
    }
    assert_eq!(runs(&stack).await, 3);
}
