//! What a browser asks before it calls.

use reqwest::Method;
use serde_json::json;

use super::endpoint::{ALLOWED, Endpoint, FOREIGN, Reply, behind_jwt, token};

#[tokio::test]
async fn a_preflight_is_told_all_that_it_asks_for() {
    let endpoint = Endpoint::with(json!({ "methods": ["GET", "PUT", "DELETE"] })).await;
    let request = endpoint
        .preflight(ALLOWED, "PUT")
        .header("access-control-request-headers", "authorization,x-custom");
    let reply = Reply::to(request).await;
    assert_eq!(reply.status, 204);
    assert_eq!(reply.text, "");
    reply.is_readable_from(ALLOWED, "allowed");
    assert_eq!(reply.header("access-control-max-age"), Some("600"));
    assert_eq!(
        reply.header("vary"),
        Some("Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
    );
    let methods = reply.list("access-control-allow-methods");
    for method in ["get", "put", "delete"] {
        assert!(methods.contains(&method.to_owned()), "{methods:?}");
    }
    for method in ["post", "patch", "*"] {
        assert!(!methods.contains(&method.to_owned()), "{methods:?}");
    }
    let headers = reply.list("access-control-allow-headers");
    assert_eq!(headers, ["authorization", "x-custom"]);
    assert!(reply.headers.contains_key("x-request-id"));

    let plain = Reply::to(endpoint.preflight(ALLOWED, "GET")).await;
    assert!(plain.list("access-control-allow-headers").is_empty());
}

#[tokio::test]
async fn a_preflight_needs_no_token_and_the_request_after_it_does() {
    let endpoint = Endpoint::with(behind_jwt(&json!({}))).await;
    let preflight = endpoint
        .preflight(ALLOWED, "POST")
        .header("access-control-request-headers", "authorization,token");
    let preflight = Reply::to(preflight).await;
    assert_eq!(preflight.status, 204, "{}", preflight.text);
    preflight.is_readable_from(ALLOWED, "preflight");
    let headers = preflight.list("access-control-allow-headers");
    assert_eq!(headers, ["authorization", "token"]);

    let request = || endpoint.from(ALLOWED, Method::POST).body("{}");
    let missing = Reply::to(request()).await;
    assert_eq!(
        (missing.status.as_u16(), missing.code().as_str()),
        (403, "token_missing")
    );
    missing.is_readable_from(ALLOWED, "missing");
    let good = Reply::to(request().bearer_auth(token())).await;
    assert_eq!(good.status, 200, "{}", good.text);
    good.is_readable_from(ALLOWED, "good");
    // A token that is sent along with a preflight is not looked at.
    let odd = endpoint.preflight(ALLOWED, "POST").bearer_auth("x.y.z");
    assert_eq!(Reply::to(odd).await.status, 204);
}

#[tokio::test]
async fn an_origin_that_may_not_call_is_told_so_before_anything_else() {
    let endpoint = Endpoint::with(behind_jwt(&json!({
        "methods": ["POST"],
        "max_body_bytes": 4,
        "rate_limit": { "requests": 1, "per": "hour" },
    })))
    .await;
    let rows = [
        ("preflight", endpoint.preflight(FOREIGN, "POST")),
        ("OPTIONS", endpoint.from(FOREIGN, Method::OPTIONS)),
        ("no token", endpoint.from(FOREIGN, Method::POST)),
        (
            "a bad token",
            endpoint.from(FOREIGN, Method::POST).bearer_auth("x"),
        ),
        (
            "a good token",
            endpoint.from(FOREIGN, Method::POST).bearer_auth(token()),
        ),
        (
            "a large body",
            endpoint.from(FOREIGN, Method::POST).body("12345"),
        ),
        (
            "null",
            endpoint.from("null", Method::POST).bearer_auth(token()),
        ),
    ];
    for (row, request) in rows {
        Reply::to(request).await.is_refused(row);
    }
    // Nor has any of them used up what the endpoint's callers may have.
    let request = endpoint.from(ALLOWED, Method::POST).bearer_auth(token());
    let reply = Reply::to(request).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[tokio::test]
async fn options_that_is_no_preflight_is_a_method_that_is_not_taken() {
    for settings in [json!({}), behind_jwt(&json!({}))] {
        let endpoint = Endpoint::with(settings).await;
        let reply = Reply::to(endpoint.from(ALLOWED, Method::OPTIONS)).await;
        assert_eq!(reply.status, 405, "{}", reply.text);
        assert!(reply.list("allow").contains(&"get".to_owned()));
        reply.is_readable_from(ALLOWED, "no request method");
        let request = endpoint.without_origin(Method::OPTIONS);
        let reply = Reply::to(request.header("access-control-request-method", "GET")).await;
        assert_eq!(reply.status, 405, "{}", reply.text);
        reply.is_unreadable("no origin");
    }
}
