//! An endpoint without CORS.

use reqwest::Method;
use serde_json::json;

use super::endpoint::{ALLOWED, Endpoint, FOREIGN, Reply, behind_jwt, token};

#[tokio::test]
async fn origins_are_neither_refused_nor_answered() {
    let endpoint = Endpoint::with(json!({ "allow_cors": false })).await;
    for origin in [ALLOWED, FOREIGN, "null"] {
        let reply = Reply::to(endpoint.from(origin, Method::GET)).await;
        assert_eq!(reply.status, 200, "{origin}: {}", reply.text);
        reply.says_nothing_of_cors(origin);
    }
}

#[tokio::test]
async fn options_is_405_without_authentication_and_403_with_it() {
    let open = Endpoint::with(json!({ "allow_cors": false })).await;
    let closed = Endpoint::with(behind_jwt(&json!({ "allow_cors": false }))).await;
    for origin in [ALLOWED, FOREIGN] {
        for endpoint in [&open, &closed] {
            let requests = [
                endpoint.preflight(origin, "GET"),
                endpoint.from(origin, Method::OPTIONS),
                endpoint.without_origin(Method::OPTIONS),
                endpoint.preflight(origin, "GET").bearer_auth(token()),
            ];
            for request in requests {
                let reply = Reply::to(request).await;
                if std::ptr::eq(endpoint, &open) {
                    assert_eq!(reply.status, 405, "{}", reply.text);
                    let allow = reply.list("allow");
                    assert_eq!(allow, ["get", "head", "post", "put"]);
                } else {
                    assert_eq!(reply.status, 403, "{}", reply.text);
                }
                reply.says_nothing_of_cors(origin);
            }
        }
    }
}

#[tokio::test]
async fn errors_say_nothing_of_cors_either() {
    let endpoint = Endpoint::with(behind_jwt(&json!({ "allow_cors": false }))).await;
    for (status, request) in [
        (403, endpoint.from(ALLOWED, Method::GET)),
        (401, endpoint.from(ALLOWED, Method::GET).bearer_auth("x")),
        (405, endpoint.from(ALLOWED, Method::DELETE)),
    ] {
        let reply = Reply::to(request).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        reply.says_nothing_of_cors(&status.to_string());
    }
}
