//! Where a token is looked for.

use reqwest::Method;
use serde_json::json;

use super::endpoint::{Endpoint, Reply, token};

#[tokio::test]
async fn without_a_token_the_answer_is_403_and_one_word() {
    let endpoint = Endpoint::with(json!({})).await;
    let token = token(&json!({}));
    let ask = |method: Method| endpoint.request(method);
    let form = |body: String| {
        ask(Method::POST)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
    };
    let rows = [
        ("nothing", ask(Method::GET)),
        ("POST", ask(Method::POST).body("{}")),
        ("no value", ask(Method::GET).header("authorization", "")),
        (
            "no token",
            ask(Method::GET).header("authorization", "Bearer"),
        ),
        (
            "a blank",
            ask(Method::GET).header("authorization", "Bearer "),
        ),
        ("empty `token`", ask(Method::GET).header("token", "")),
        ("blank `token`", ask(Method::GET).header("token", "  ")),
        ("Basic", ask(Method::GET).basic_auth("user", Some(&token))),
        (
            "no scheme",
            ask(Method::GET).header("authorization", &token),
        ),
        ("x-token", ask(Method::GET).header("x-token", &token)),
        (
            "proxy",
            ask(Method::GET).header("proxy-authorization", format!("Bearer {token}")),
        ),
        (
            "cookie",
            ask(Method::GET).header("cookie", format!("token={token}")),
        ),
        ("query", ask(Method::GET).query(&[("token", &token)])),
        (
            "RFC 6750, section 2.3",
            ask(Method::GET).query(&[("access_token", &token)]),
        ),
        (
            "RFC 6750, section 2.2",
            form(format!("access_token={token}")),
        ),
        ("a field", form(format!("token={token}"))),
        ("a malformed body", ask(Method::POST).json("x").body("{")),
    ];
    for (row, request) in rows {
        Reply::to(request).await.is_missing(row);
    }
}

#[tokio::test]
async fn a_head_request_needs_a_token_too() {
    let endpoint = Endpoint::with(json!({})).await;
    let reply = Reply::to(endpoint.request(Method::HEAD)).await;
    assert_eq!(reply.status, 403);
    let request = endpoint.request(Method::HEAD).bearer_auth("x.y.z");
    let reply = Reply::to(request).await;
    assert_eq!(reply.status, 401);
    assert!(reply.headers.contains_key("www-authenticate"));
    let request = endpoint.request(Method::HEAD);
    let reply = Reply::to(request.bearer_auth(token(&json!({})))).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn both_headers_may_carry_the_token_alone_or_together() {
    let endpoint = Endpoint::with(json!({})).await;
    let token = token(&json!({}));
    let rows: [&[(&str, String)]; 9] = [
        &[("authorization", format!("Bearer {token}"))],
        &[("authorization", format!("bearer {token}"))],
        &[("authorization", format!("BEARER {token}"))],
        &[("authorization", format!("Bearer   {token}  "))],
        &[("token", token.clone())],
        &[("Token", format!("  {token} "))],
        &[
            ("authorization", format!("Bearer {token}")),
            ("token", token.clone()),
        ],
        &[
            ("authorization", "Basic dTpw".to_owned()),
            ("token", token.clone()),
        ],
        &[
            ("authorization", format!("Bearer {token}")),
            ("token", String::new()),
        ],
    ];
    for row in rows {
        let request = row
            .iter()
            .fold(endpoint.request(Method::GET), |request, (name, value)| {
                request.header(*name, value)
            });
        Reply::to(request).await.is_passed(&format!("{row:?}"));
    }
}

#[tokio::test]
async fn two_tokens_are_refused_even_where_each_is_good() {
    let endpoint = Endpoint::with(json!({})).await;
    let (one, two) = (token(&json!({ "sub": "1" })), token(&json!({ "sub": "2" })));
    for token in [&one, &two] {
        endpoint.call(token).await.is_passed("alone");
    }
    let bearer = |token: &str| format!("Bearer {token}");
    let rows: [&[(&str, String)]; 7] = [
        &[("authorization", bearer(&one)), ("token", two.clone())],
        &[("authorization", bearer(&one)), ("token", "x".to_owned())],
        &[("authorization", bearer("x")), ("token", one.clone())],
        &[
            ("authorization", bearer(&one)),
            ("authorization", bearer(&two)),
        ],
        &[
            ("authorization", bearer(&one)),
            ("authorization", bearer(&one)),
        ],
        &[
            ("authorization", "Basic dTpw".to_owned()),
            ("authorization", bearer(&one)),
        ],
        &[("token", one.clone()), ("token", one.clone())],
    ];
    for row in rows {
        let request = row
            .iter()
            .fold(endpoint.request(Method::GET), |request, (name, value)| {
                request.header(*name, value)
            });
        let reply = Reply::to(request).await;
        reply.is_denied("invalid", &format!("{row:?}"));
    }
}
