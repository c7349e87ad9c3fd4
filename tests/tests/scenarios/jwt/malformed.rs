//! Texts that are no token, and tokens that say nothing that could be read.

use serde_json::json;
use testkit::jwt::{self, Algorithm};

use super::endpoint::{Endpoint, KEY, Reply, SECRET, claims, token, with_claims, with_header};

#[tokio::test]
async fn what_is_not_three_parts_of_base64url_is_refused() {
    let endpoint = Endpoint::with(json!({})).await;
    let good = token(&json!({}));
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        panic!("three parts")
    };
    let rows = [
        "x".to_owned(),
        "...".to_owned(),
        "..".to_owned(),
        header.to_owned(),
        jwt::raw(&[header, payload]),
        jwt::raw(&[header, payload, ""]),
        jwt::raw(&["", payload, signature]),
        jwt::raw(&[header, "", signature]),
        jwt::raw(&[header, payload, signature, ""]),
        jwt::raw(&[header, payload, signature, "x"]),
        jwt::raw(&[header, payload, signature, "x", "y"]),
        jwt::raw(&["", header, payload, signature]),
        format!("{good}="),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}==.{signature}"),
        format!("{header}. {payload}.{signature}"),
        format!("{header}.{payload}. {signature}"),
        format!("{good},{good}"),
        format!("{good} {good}"),
        format!("\"{good}\""),
        good.replace('.', "%2E"),
    ];
    for row in rows {
        endpoint.call(&row).await.is_denied("invalid", &row);
    }
    endpoint.call(&good).await.is_passed("the good one");
}

#[tokio::test]
async fn a_changed_signature_or_message_is_refused() {
    let endpoint = Endpoint::with(json!({})).await;
    let good = token(&json!({}));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let other = token(&json!({ "sub": "another" }));
    let (other_message, other_signature) = other.rsplit_once('.').unwrap();
    let (shorter, _) = signature.split_at(signature.len() - 4);
    // 32 bytes are 43 digits, of which the last holds two bits of nothing: another digit there is another spelling of
    // the very same bytes.
    let (kept, last) = signature.split_at(signature.len() - 1);
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut after = digits.chars().skip_while(|digit| !last.contains(*digit));
    let respelt = format!("{kept}{}", after.nth(1).unwrap());
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let flipped = format!("{first}{}", signature.split_at(1).1);
    let rows = [
        format!("{message}.{other_signature}"),
        format!("{other_message}.{signature}"),
        format!("{message}.{shorter}"),
        format!("{message}.{signature}AAAA"),
        format!("{message}.{respelt}"),
        format!("{message}.{flipped}"),
        format!("{message}.{}", "A".repeat(43)),
        jwt::mint(Algorithm::HS256, b"another secret", &jwt::claims(KEY)),
        jwt::mint(
            Algorithm::HS256,
            format!("{SECRET} ").as_bytes(),
            &jwt::claims(KEY),
        ),
    ];
    for row in rows {
        endpoint.call(&row).await.is_denied("invalid", &row);
    }
}

#[tokio::test]
async fn a_header_that_is_no_json_object_is_refused() {
    let endpoint = Endpoint::with(json!({})).await;
    let rows = [
        "",
        "{",
        "HS256",
        "\"HS256\"",
        "[\"HS256\"]",
        "null",
        "{\"alg\":\"HS256\"",
        "{\"alg\":\"HS256\"}}",
        "{\"alg\":\"HS256\",}",
        "{'alg':'HS256'}",
        "{\"alg\":\"HS256\",\"alg\":\"HS256\"}",
        "{\"alg\":\"none\",\"alg\":\"HS256\"}",
        "\u{feff}{\"alg\":\"HS256\"}",
    ];
    for row in rows {
        endpoint
            .call(&with_header(row))
            .await
            .is_denied("invalid", row);
    }
    let spaced = " \n{\t\"alg\" :\r\n \"HS256\" } ";
    endpoint.call(&with_header(spaced)).await.is_passed(spaced);
}

#[tokio::test]
async fn claims_that_are_no_json_object_are_refused() {
    let endpoint = Endpoint::with(json!({})).await;
    let good = claims(&json!({})).to_string();
    let rows = [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        format!("[{good}]"),
        json!(good).to_string(),
        "42".to_owned(),
        format!("{good}{good}"),
        format!("{good},"),
        good.replace('}', ",}"),
        good.replace('{', "{\"iss\":\"x\","),
        good.replace('{', "{\"a\":NaN,"),
        good.replace('{', "{\"a\":\"\\ud800\","),
        format!("\u{feff}{good}"),
    ];
    for row in &rows {
        let reply = endpoint.call(&with_claims(row)).await;
        reply.is_denied("invalid", row);
    }
    let secret = SECRET.as_bytes();
    let bytes = not_text(secret, &good);
    endpoint.call(&bytes).await.is_denied("invalid", "no UTF-8");
    endpoint.call(&with_claims(&good)).await.is_passed(&good);
}

/// A token whose payload has a byte that no UTF-8 text has, signed over that.
fn not_text(secret: &[u8], claims: &str) -> String {
    use jsonwebtoken::EncodingKey;
    use jsonwebtoken::crypto::sign;
    let mut payload = claims.replace('}', ",\"a\":\"!\"}").into_bytes();
    let place = payload.iter().position(|byte| *byte == b'!').unwrap();
    payload[place] = 0xff;
    let message = format!(
        "{}.{}",
        jwt::encode(r#"{"alg":"HS256"}"#),
        jwt::encode(payload)
    );
    let key = EncodingKey::from_secret(secret);
    let signature = sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

#[tokio::test]
async fn eight_kibibytes_are_looked_at_and_a_byte_more_is_not() {
    let endpoint = Endpoint::with(json!({})).await;
    let at_most = of_length(8 * 1024);
    endpoint.call(&at_most).await.is_passed("8192 bytes");
    let plain = endpoint.request(reqwest::Method::GET);
    let reply = Reply::to(plain.header("token", &at_most)).await;
    reply.is_passed("8192 bytes in `token`");
    for length in [8 * 1024 + 1, 9 * 1024, 64 * 1024] {
        let reply = endpoint.call(&of_length(length)).await;
        reply.is_denied("invalid", &format!("{length} bytes"));
    }
}

/// A good token of exactly this many bytes.
fn of_length(length: usize) -> String {
    // Base64 has no text of 4n + 1 digits, so the header takes up what the claims cannot.
    for filler in 0..4 {
        let header = json!({ "alg": "HS256", "x": "x".repeat(filler) }).to_string();
        let make = |padding: usize| {
            let claims = claims(&json!({ "padding": "x".repeat(padding) })).to_string();
            jwt::signed(Algorithm::HS256, SECRET.as_bytes(), &header, &claims)
        };
        let first = (length - make(0).len()) * 3 / 4;
        let found = (first.saturating_sub(4)..first + 5)
            .map(make)
            .find(|token| token.len() == length);
        if let Some(token) = found {
            return token;
        }
    }
    panic!("no token of {length} bytes")
}
