//! `iss` must equal `endpoint_key`.

use serde_json::{Value, json};
use testkit::jwt::{self, Algorithm};

use super::endpoint::{Endpoint, KEY, SECRET, claims, token};

#[tokio::test]
async fn an_issuer_that_is_not_the_very_key_is_refused_as_such() {
    let endpoint = Endpoint::with(json!({})).await;
    let rows = [
        json!("another"),
        json!(""),
        json!(KEY.to_uppercase()),
        json!(format!("{KEY} ")),
        json!(format!(" {KEY}")),
        json!(format!("{KEY}\0")),
        json!(KEY.strip_suffix('s').unwrap()),
        json!([KEY]),
        json!({ "iss": KEY }),
        json!(1),
        json!(true),
    ];
    for issuer in rows {
        let reply = endpoint.call(&token(&json!({ "iss": issuer }))).await;
        reply.is_denied("issuer", &issuer.to_string());
    }
    let missing = token(&json!({ "iss": null }));
    endpoint.call(&missing).await.is_denied("issuer", "no iss");
    let mut null = claims(&json!({}));
    null["iss"] = Value::Null;
    let null = jwt::mint(Algorithm::HS256, SECRET.as_bytes(), &null);
    endpoint.call(&null).await.is_denied("issuer", "null");
    endpoint.call(&token(&json!({}))).await.is_passed("the key");
}

#[tokio::test]
async fn who_does_not_know_the_secret_is_told_nothing_about_issuer_or_times() {
    let endpoint = Endpoint::with(json!({})).await;
    for more in [
        json!({ "iss": "another" }),
        json!({ "iss": null }),
        json!({ "exp": 1 }),
        json!({ "exp": "x" }),
    ] {
        let token = jwt::mint(Algorithm::HS256, b"not the secret at all", &claims(&more));
        endpoint
            .call(&token)
            .await
            .is_denied("invalid", &more.to_string());
    }
}

#[tokio::test]
async fn a_token_of_one_endpoint_is_not_good_for_another() {
    let one = Endpoint::with(json!({})).await;
    let other_key = Endpoint::with(json!({ "endpoint_key": "another-issuer" })).await;
    let other_secret = Endpoint::with(json!({ "endpoint_secret": SECRET.to_uppercase() })).await;
    let token = token(&json!({}));
    // Twice each, so that a verdict that is kept for one is not found for another.
    for _ in 0..2 {
        one.call(&token).await.is_passed("its own");
        let reply = other_key.call(&token).await;
        reply.is_denied("issuer", "another key");
        let reply = other_secret.call(&token).await;
        reply.is_denied("invalid", "another secret");
    }
}

#[tokio::test]
async fn a_key_and_a_secret_may_be_scripts_without_request_data() {
    let (begin, end) = SECRET.split_at(20);
    let endpoint = Endpoint::with(json!({
        "endpoint_key": "{{ 'issuer-' ~ 'of-the-tests' }}",
        "endpoint_secret": format!("{{{{ '{begin}' }}}}{end}"),
    }))
    .await;
    endpoint
        .call(&token(&json!({})))
        .await
        .is_passed("rendered");
}
