//! Published tokens, sent as callers send them.

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use testkit::fixtures;
use testkit::jwt::{self, Algorithm};

use super::endpoint::{Endpoint, Reply, SECRET};

/// Header and claims of RFC 7519, section 3.1, with their line ends.
const HEADER: &str = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
const CLAIMS: &str =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

/// RFC 7519, section 3.1, signed with the key of RFC 7515, appendix A.1.
const SIGNED: &str = concat!(
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
);

/// RFC 7519, section 6.1: the unsecured token.
const UNSECURED: &str = concat!(
    "eyJhbGciOiJub25lIn0",
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
    ".",
);

async fn joe() -> Endpoint {
    Endpoint::with(json!({
        "endpoint_key": "joe",
        "return_data": "{{ __data.__jwt }}",
    }))
    .await
}

#[tokio::test]
async fn the_token_of_rfc_7519_passes_until_it_expires() {
    let endpoint = joe().await;
    let secret = SECRET.as_bytes();
    let token = jwt::signed(Algorithm::HS256, secret, HEADER, CLAIMS);
    assert_eq!(
        token.rsplit_once('.').unwrap().0,
        SIGNED.rsplit_once('.').unwrap().0
    );
    endpoint.call(&token).await.is_denied("expired", "2011");
    let later = CLAIMS.replace("1300819380", "13008193800");
    let token = jwt::signed(Algorithm::HS256, secret, HEADER, &later);
    let reply = endpoint.call(&token).await;
    reply.is_passed("2382");
    assert_eq!(reply.body()["http://example.com/is_root"], true);
}

#[tokio::test]
async fn the_published_signature_and_none_at_all_are_refused() {
    let endpoint = joe().await;
    for token in [SIGNED, UNSECURED] {
        endpoint.call(token).await.is_denied("invalid", token);
    }
}

#[tokio::test]
async fn no_token_of_the_published_attacks_passes() {
    let Some(folder) = fixtures::dir() else {
        return;
    };
    let text = std::fs::read_to_string(folder.join("jws/json_web_signature_test.json")).unwrap();
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let endpoint = joe().await;
    let mut sent = 0;
    let groups = vectors["testGroups"].as_array().unwrap().iter();
    for vector in groups.flat_map(|group| group["tests"].as_array().unwrap()) {
        let token = vector["jws"]
            .as_str()
            .map_or_else(|| vector["jws"].to_string(), str::to_owned);
        let Ok(value) = HeaderValue::from_str(&format!("Bearer {token}")) else {
            continue;
        };
        let request = endpoint.request(Method::GET).header("authorization", value);
        let reply = Reply::to(request).await;
        // Some are texts of nothing, which is no token.
        assert!(
            reply.status == 401 || token.trim().is_empty() && reply.status == 403,
            "{}: {}",
            vector["tcId"],
            reply.text
        );
        sent += 1;
    }
    assert!(sent > 350, "{sent} vectors were sent");
}
