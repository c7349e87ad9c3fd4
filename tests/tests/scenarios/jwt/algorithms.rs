//! Which algorithms and header parameters are taken.

use serde_json::{Value, json};
use testkit::jwt::{self, Algorithm};

use super::endpoint::{Endpoint, KEY, SECRET, claims, with_header};

#[tokio::test]
async fn the_three_hmac_algorithms_pass_and_their_short_secrets_do_not_matter() {
    let endpoint = Endpoint::with(json!({})).await;
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let token = jwt::mint(algorithm, SECRET.as_bytes(), &jwt::claims(KEY));
        endpoint
            .call(&token)
            .await
            .is_passed(&format!("{algorithm:?}"));
    }
    let short = "just the thirty-two bytes needed";
    assert_eq!(short.len(), 32);
    let endpoint = Endpoint::with(json!({ "endpoint_secret": short })).await;
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let token = jwt::mint(algorithm, short.as_bytes(), &jwt::claims(KEY));
        endpoint
            .call(&token)
            .await
            .is_passed(&format!("{algorithm:?}"));
    }
}

#[tokio::test]
async fn every_other_algorithm_is_refused_even_with_a_signature_that_would_fit() {
    let endpoint = Endpoint::with(json!({})).await;
    let names = [
        "none", "None", "NONE", "nOnE", "", "HS", "HS1", "hs256", "HS256 ", "HS265", "RS256",
        "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA",
        "Ed25519", "dir", "A256KW", "A256GCM",
    ];
    for name in names {
        let token = with_header(&json!({ "alg": name, "typ": "JWT" }).to_string());
        endpoint.call(&token).await.is_denied("invalid", name);
        let (unsigned, _) = token.rsplit_once('.').unwrap();
        let unsigned = format!("{unsigned}.");
        endpoint.call(&unsigned).await.is_denied("invalid", name);
    }
    let unsigned = jwt::unsigned(&jwt::claims(KEY));
    endpoint.call(&unsigned).await.is_denied("invalid", "none");
}

#[tokio::test]
async fn an_algorithm_of_another_type_or_none_at_all_is_refused() {
    let endpoint = Endpoint::with(json!({})).await;
    for alg in [
        json!(null),
        json!(256),
        json!(true),
        json!(["HS256"]),
        json!({"HS256": 1}),
    ] {
        let token = with_header(&json!({ "alg": alg, "typ": "JWT" }).to_string());
        endpoint
            .call(&token)
            .await
            .is_denied("invalid", &alg.to_string());
    }
    let token = with_header(r#"{"typ":"JWT"}"#);
    endpoint.call(&token).await.is_denied("invalid", "no alg");
}

#[tokio::test]
async fn a_signature_of_one_algorithm_does_not_pass_under_the_name_of_another() {
    let endpoint = Endpoint::with(json!({})).await;
    let all = [
        (Algorithm::HS256, "HS256"),
        (Algorithm::HS384, "HS384"),
        (Algorithm::HS512, "HS512"),
    ];
    let claims = claims(&json!({})).to_string();
    for (used, _) in all {
        for (said, name) in all {
            let header = json!({ "alg": name }).to_string();
            let token = jwt::signed(used, SECRET.as_bytes(), &header, &claims);
            let reply = endpoint.call(&token).await;
            let row = format!("{used:?} as {name}");
            if said == used {
                reply.is_passed(&row);
            } else {
                reply.is_denied("invalid", &row);
            }
        }
    }
}

#[tokio::test]
async fn what_would_have_to_be_understood_is_refused() {
    let endpoint = Endpoint::with(json!({})).await;
    let headers = [
        json!({ "crit": ["exp"], "exp": 1 }),
        json!({ "crit": ["b64"], "b64": false }),
        json!({ "crit": [] }),
        json!({ "crit": null }),
        json!({ "b64": false }),
        json!({ "b64": true }),
        json!({ "b64": null }),
    ];
    for more in headers {
        let row = more.to_string();
        endpoint
            .call(&with_header(&hs256(&more)))
            .await
            .is_denied("invalid", &row);
    }
}

#[tokio::test]
async fn names_of_keys_in_the_header_are_ignored() {
    let endpoint = Endpoint::with(json!({})).await;
    let theirs = jwt::encode("a key that the caller brought, of thirty-two bytes and more");
    let headers = [
        json!({ "kid": "1" }),
        json!({ "kid": "../../../../dev/null" }),
        json!({ "kid": "' or 1 = 1 --" }),
        json!({ "kid": 7 }),
        json!({ "jwk": { "kty": "oct", "k": theirs } }),
        json!({ "jku": "http://127.0.0.1:9/keys" }),
        json!({ "x5u": "http://127.0.0.1:9/certificate" }),
        json!({ "x5c": ["MIIB"], "x5t": "AAAA" }),
        json!({ "typ": "at+jwt", "cty": "x", "zip": "DEF", "unknown": [1] }),
    ];
    for more in headers {
        let row = more.to_string();
        endpoint
            .call(&with_header(&hs256(&more)))
            .await
            .is_passed(&row);
    }
}

#[tokio::test]
async fn a_token_signed_with_a_key_of_the_callers_choice_is_refused() {
    let endpoint = Endpoint::with(json!({})).await;
    let key = b"a key that the caller brought, of thirty-two bytes and more";
    let claims = claims(&json!({})).to_string();
    let rows: [(&[u8], Value); 4] = [
        (
            key,
            json!({ "jwk": { "kty": "oct", "k": jwt::encode(key) } }),
        ),
        (b"", json!({ "kid": "../../../../dev/null" })),
        (KEY.as_bytes(), json!({ "kid": KEY })),
        (b"\0", json!({})),
    ];
    for (key, more) in rows {
        let token = jwt::signed(Algorithm::HS256, key, &hs256(&more), &claims);
        endpoint
            .call(&token)
            .await
            .is_denied("invalid", &more.to_string());
    }
}

/// A header of an HS256 token with more members.
fn hs256(more: &Value) -> String {
    let mut header = json!({ "alg": "HS256" });
    let members = header.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    header.to_string()
}
