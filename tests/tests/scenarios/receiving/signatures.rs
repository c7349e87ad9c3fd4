//! Signatures over the exact body.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use testkit::fixtures;

use super::exact_body::bytes;
use super::platform::{data, echo, everything, publish};

/// HMAC with SHA-256 (RFC 2104).
fn hmac(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let signature = sign(message, &EncodingKey::from_secret(secret), Algorithm::HS256).unwrap();
    URL_SAFE_NO_PAD.decode(signature).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The signature that a sender of this kind puts into its header; none for a vector that is no signed body.
fn expected(vector: &Value, body: &[u8]) -> Option<String> {
    let text = |name: &str| vector[name].as_str().unwrap_or_default();
    let secret = text("secret");
    let before = |prefix: String| [prefix.as_bytes(), body].concat();
    match text("name").split(' ').next()? {
        "GitHub" => Some(format!("sha256={}", hex(&hmac(secret.as_bytes(), body)))),
        "Slack" => {
            let message = before(format!("v0:{}:", text("timestamp")));
            Some(format!("v0={}", hex(&hmac(secret.as_bytes(), &message))))
        }
        "Standard" => {
            let key = STANDARD
                .decode(secret.trim_start_matches("whsec_"))
                .unwrap();
            let message = before(format!("{}.{}.", text("id"), text("timestamp")));
            Some(format!("v1,{}", STANDARD.encode(hmac(&key, &message))))
        }
        _ => None,
    }
}

#[tokio::test]
async fn the_published_signatures_verify_over_the_body_that_a_run_sees() {
    let Some(folder) = fixtures::dir() else {
        println!("../shared/fixtures is not there: no published signature was checked");
        return;
    };
    let text = std::fs::read_to_string(folder.join("signatures/vectors.json")).unwrap();
    let vectors: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut checked = 0;
    for vector in vectors.iter().filter(|vector| vector["body"].is_string()) {
        let body = vector["body"].as_str().unwrap();
        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/octet-stream",
        ] {
            let request = testkit::http::client()
                .post(echo().await)
                .header("content-type", content_type)
                .body(body.to_owned());
            let seen = bytes(&data(request).await);
            let signature =
                expected(vector, &seen).expect("a kind of signature that is known here");
            assert_eq!(vector["expect"], signature, "{}", vector["name"]);
        }
        checked += 1;
    }
    assert!(checked >= 3);
}

#[tokio::test]
async fn a_signature_over_odd_bytes_verifies_too() {
    let secret = b"It's a Secret to Everybody";
    for body in [
        &b"{\"z\": 1.0, \"a\" : \"\\u00fc\",\r\n \"a\": 2}\n"[..],
        b"a=1&a=%zz&=&&",
        b"\xff\xfe\x00binary\x00",
    ] {
        let request = testkit::http::client()
            .post(echo().await)
            .body(body.to_vec());
        let seen = bytes(&data(request).await);
        assert_eq!(hmac(secret, &seen), hmac(secret, body));
    }
}

#[tokio::test]
async fn the_body_can_be_printed_as_it_came_with_nothing_around_it() {
    let listener = json!({"return_type": "data", "return_data": "{{ __data.__body|raw }}"});
    let url = publish(listener, json!([])).await.url;
    let body = "{\"b\" : 1.0,\r\n\t\"a\":\"\\u00e9\" }\n";
    let reply = testkit::http::client()
        .post(url)
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.text().await.unwrap(), body);
    let all = data(
        testkit::http::client()
            .post(publish(everything(&json!({})), json!([])).await.url)
            .body(body),
    );
    assert_eq!(all.await["__body"], body);
}
