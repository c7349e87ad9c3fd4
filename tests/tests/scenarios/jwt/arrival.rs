//! What of a token arrives in `__data`.

use reqwest::Method;
use serde_json::{Value, json};

use super::endpoint::{Endpoint, Reply, token};

/// A reply that shows all that is of interest, and at the end everything that there is.
const SHOWN: &str = r#"{
    "jwt": {{ __data.__jwt }},
    "data": {{ __data.__headers.__jwt_data[0] }},
    "user": {{ __data.__logged_in_user_id }},
    "name": {{ __data.__logged_in_user_full_name }},
    "headers": {{ __data.__headers }},
    "all": {{ __data }}
}"#;

async fn shown(request: reqwest::RequestBuilder) -> Value {
    let reply = Reply::to(request).await;
    reply.is_passed("shown");
    reply.body()
}

#[tokio::test]
async fn every_claim_and_the_named_ones_arrive() {
    let endpoint = Endpoint::with(json!({ "return_data": SHOWN })).await;
    let claims = super::endpoint::claims(&json!({
        "sub": "user-7",
        "name": "Zoë \"the\" Ω <b>",
        "data": { "plan": "team", "ids": [1, 2.5, null], "deep": { "a": true } },
        "scope": "read write",
        "nested": { "list": [{ "a": 1 }] },
    }));
    let secret = super::endpoint::SECRET.as_bytes();
    let token = testkit::jwt::mint(testkit::jwt::Algorithm::HS256, secret, &claims);
    let body = shown(endpoint.request(Method::GET).bearer_auth(&token)).await;
    assert_eq!(body["jwt"], claims);
    assert_eq!(body["data"], claims["data"]);
    assert_eq!(body["user"], claims["sub"]);
    assert_eq!(body["name"], claims["name"]);
    assert_eq!(body["headers"]["__jwt_data"], json!([claims["data"]]));
}

#[tokio::test]
async fn the_data_claim_arrives_whatever_its_type_and_nothing_where_it_is_missing() {
    let endpoint = Endpoint::with(json!({ "return_data": SHOWN })).await;
    for data in [
        json!("text"),
        json!(7),
        json!([1, "b"]),
        json!(false),
        json!({}),
    ] {
        let token = token(&json!({ "data": data }));
        let body = shown(endpoint.request(Method::GET).bearer_auth(&token)).await;
        assert_eq!(body["data"], data);
    }
    let body = shown(endpoint.request(Method::GET).bearer_auth(token(&json!({})))).await;
    for name in ["data", "user", "name"] {
        assert_eq!(body[name], Value::Null, "{name}");
    }
}

#[tokio::test]
async fn the_checked_token_does_not_arrive_and_another_header_of_its_name_does() {
    let endpoint = Endpoint::with(json!({ "return_data": SHOWN })).await;
    let token = token(&json!({ "sub": "7" }));
    let ask = || endpoint.request(Method::POST).header("x-kept", "kept");
    let rows = [
        ask().bearer_auth(&token),
        ask().header("token", &token),
        ask().bearer_auth(&token).header("token", &token),
        ask().basic_auth("u", Some("p")).header("token", &token),
    ];
    let signature = token.rsplit('.').next().unwrap();
    for (row, request) in rows.into_iter().enumerate() {
        let body = shown(request.body("some text")).await;
        assert_eq!(body["headers"]["x-kept"], "kept");
        assert!(!body.to_string().contains(signature), "row {row}: {body:#}");
        assert!(body["headers"].get("token").is_none(), "row {row}");
        let authorization = body["headers"].get("authorization");
        let basic = json!("Basic dTpw");
        assert_eq!(authorization, (row == 3).then_some(&basic), "row {row}");
    }
}

#[tokio::test]
async fn a_caller_cannot_put_claims_there_itself() {
    let forged = json!({
        "__jwt": { "sub": "root" },
        "__logged_in_user_id": "root",
        "__logged_in_user_full_name": "root",
        "__headers": { "__jwt_data": ["root"] },
        "honest": 1,
    });
    for authentication in [true, false] {
        let endpoint = Endpoint::with(json!({
            "return_data": SHOWN,
            "add_authentication": authentication,
        }))
        .await;
        let request = endpoint
            .request(Method::POST)
            .query(&[("__jwt", "root"), ("__logged_in_user_id", "root")])
            .header("__jwt_data", "root")
            .header("--jwt-data", "root")
            .header("__jwt", "root");
        let request = if authentication {
            request.bearer_auth(token(&json!({ "sub": "7" })))
        } else {
            request
        };
        let body = shown(request.json(&forged)).await;
        let user = if authentication {
            json!("7")
        } else {
            Value::Null
        };
        assert_eq!(body["user"], user);
        assert_eq!(body["name"], Value::Null);
        assert_eq!(body["data"], Value::Null);
        assert_eq!(body["jwt"].get("sub"), user.as_str().map(|_| &user));
        assert_eq!(body["all"]["honest"], 1);
    }
}

#[tokio::test]
async fn without_authentication_a_token_is_a_header_like_any_other() {
    let endpoint = Endpoint::with(json!({
        "return_data": SHOWN,
        "add_authentication": false,
    }))
    .await;
    let request = endpoint.request(Method::GET).bearer_auth("x.y.z");
    let body = shown(request.header("token", "other")).await;
    assert_eq!(body["headers"]["authorization"], "Bearer x.y.z");
    assert_eq!(body["headers"]["token"], "other");
    assert_eq!(body["jwt"], Value::Null);
}
