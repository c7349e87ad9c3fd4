//! A page that may call may also read what went wrong.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::stack::Stack;
use testkit::until;

use super::endpoint::{ALLOWED, Endpoint, FOREIGN, Reply, behind_jwt, document, token};

/// The reply of an error, with and without an origin.
async fn is_readable(status: u16, code: &str, request: impl Fn() -> RequestBuilder) {
    let reply = Reply::to(request().header("origin", ALLOWED)).await;
    assert_eq!(
        (reply.status.as_u16(), reply.code().as_str()),
        (status, code)
    );
    reply.is_readable_from(ALLOWED, code);
    let exposed = reply.list("access-control-expose-headers");
    assert!(exposed.contains(&"x-request-id".to_owned()), "{exposed:?}");
    let reply = Reply::to(request()).await;
    assert_eq!(
        (reply.status.as_u16(), reply.code().as_str()),
        (status, code)
    );
    reply.is_unreadable(code);
}

fn failing() -> Value {
    let mut document = document(&json!({}));
    document["spec"]["steps"] = json!([{
        "id": "end", "type": "stop", "outcome": "failure", "message": "as planned",
    }]);
    document
}

fn waiting() -> Value {
    let mut document = document(&json!({ "return_type": "continue", "continue_timeout": 1 }));
    let listener = document["spec"]["listener"].as_object_mut().unwrap();
    listener.remove("return_data");
    document["spec"]["run_mode"] = json!("async");
    document["spec"]["steps"] = json!([{
        "id": "answer", "type": "respond", "return_type": "data", "return_data": "here",
    }]);
    document
}

/// The rules of the endpoint hold for the link to its reply too.
async fn a_reply_that_is_not_there_yet(endpoint: &Endpoint) {
    let reply = Reply::to(endpoint.from(ALLOWED, Method::GET)).await;
    assert_eq!(reply.status, 202, "{}", reply.text);
    reply.is_readable_from(ALLOWED, "202");
    let exposed = reply.list("access-control-expose-headers");
    for name in ["location", "idempotency-replayed"] {
        assert!(exposed.contains(&name.to_owned()), "{exposed:?}");
    }
    let link = reqwest::Url::parse(&endpoint.workflow.url).unwrap();
    let link = link.join(reply.header("location").unwrap()).unwrap();
    let ask = |method: Method, origin: &str| {
        let request = testkit::http::client().request(method, link.clone());
        request.header("origin", origin)
    };
    let again = Reply::to(ask(Method::GET, ALLOWED)).await;
    assert_eq!(again.status, 202, "{}", again.text);
    again.is_readable_from(ALLOWED, "202 again");
    let foreign = Reply::to(ask(Method::GET, FOREIGN)).await;
    foreign.is_refused("a foreign page with the link");
    let preflight = ask(Method::OPTIONS, ALLOWED).header("access-control-request-method", "GET");
    let preflight = Reply::to(preflight).await;
    assert_eq!(preflight.status, 204, "{}", preflight.text);
    preflight.is_readable_from(ALLOWED, "preflight for the link");
}

#[tokio::test]
async fn refusals_carry_the_headers() {
    let endpoint = Endpoint::with(behind_jwt(&json!({ "max_body_bytes": 4 }))).await;
    let ask = |method: Method| endpoint.without_origin(method);
    let signed = || ask(Method::POST).bearer_auth(token());
    is_readable(403, "token_missing", || ask(Method::GET)).await;
    is_readable(401, "token_invalid", || ask(Method::GET).bearer_auth("x")).await;
    is_readable(405, "method_not_allowed", || ask(Method::DELETE)).await;
    is_readable(413, "body_too_large", || signed().body("12345")).await;
    let json = || signed().header("content-type", "application/json");
    is_readable(400, "malformed_body", || json().body("{")).await;
    let packed = || signed().header("content-encoding", "bogus").body("x");
    is_readable(415, "unsupported_encoding", packed).await;
}

#[tokio::test]
async fn a_used_up_rate_carries_the_headers() {
    let rate = json!({ "requests": 1, "per": "hour" });
    let endpoint = Endpoint::with(json!({ "rate_limit": rate })).await;
    let first = Reply::to(endpoint.without_origin(Method::GET)).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let ask = || endpoint.without_origin(Method::GET);
    is_readable(429, "rate_limited", ask).await;
    // A preflight is no call, and uses up nothing.
    let preflight = Reply::to(endpoint.preflight(ALLOWED, "GET")).await;
    assert_eq!(preflight.status, 204);
}

#[tokio::test]
async fn a_failed_run_carries_the_headers() {
    let endpoint = Endpoint::on(super::endpoint::platform().await, &failing()).await;
    let ask = || endpoint.without_origin(Method::GET);
    is_readable(500, "run_failed", ask).await;
}

#[tokio::test]
async fn a_platform_with_parts_missing_still_says_so_to_the_page() {
    let stack = Stack::start().await;
    let plain = Endpoint::on(&stack, &document(&json!({}))).await;
    let signed = Endpoint::on(&stack, &document(&behind_jwt(&json!({})))).await;
    let later = Endpoint::on(&stack, &waiting()).await;
    stack.runner(0).kill();
    let gone = std::time::Duration::from_secs(30);
    until(gone, "the runner to be missed", async || {
        let reply = Reply::to(plain.without_origin(Method::GET)).await;
        (reply.code() == "no_runner").then_some(())
    })
    .await;
    is_readable(503, "no_runner", || plain.without_origin(Method::GET)).await;
    a_reply_that_is_not_there_yet(&later).await;
    stack.auth().kill();
    let ask = || signed.without_origin(Method::GET).bearer_auth(token());
    is_readable(503, "auth_unavailable", ask).await;
    // What runs nothing and checks no token needs neither.
    for endpoint in [&plain, &signed] {
        let preflight = Reply::to(endpoint.preflight(ALLOWED, "GET")).await;
        assert_eq!(preflight.status, 204, "{}", preflight.text);
        preflight.is_readable_from(ALLOWED, "nobody there");
        let refused = Reply::to(endpoint.preflight(FOREIGN, "GET")).await;
        refused.is_refused("nobody there");
    }
}

#[tokio::test]
async fn what_is_not_there_says_nothing_of_cors() {
    let endpoint = Endpoint::with(json!({})).await;
    let control = super::endpoint::platform().await.control();
    control.unpublish(&endpoint.workflow.id).await;
    for request in [
        endpoint.from(ALLOWED, Method::GET),
        endpoint.preflight(ALLOWED, "GET"),
        endpoint.from(FOREIGN, Method::GET),
    ] {
        let reply = Reply::to(request).await;
        assert_eq!(
            (reply.status.as_u16(), reply.code().as_str()),
            (404, "not_found")
        );
        reply.says_nothing_of_cors("unpublished");
    }
}
