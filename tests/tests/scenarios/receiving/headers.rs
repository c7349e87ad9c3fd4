//! Headers, as a run sees them.

use serde_json::{Value, json};
use testkit::http::client;

use super::platform::{data, echo};
use super::wire::{Wire, target};

#[tokio::test]
async fn a_header_is_found_in_lower_case_and_with_underscores_too() {
    let request = client()
        .get(echo().await)
        .header("X-GitHub-Event", "push")
        .header("X-Empty", "")
        .header("User-Agent", "test");
    let headers = data(request).await["__headers"].take();
    for (name, value) in [
        ("x-github-event", "push"),
        ("x_github_event", "push"),
        ("x-empty", ""),
        ("user-agent", "test"),
        ("user_agent", "test"),
    ] {
        assert_eq!(headers[name], value, "{name}: {headers:#}");
    }
    assert!(headers.get("X-GitHub-Event").is_none());
    assert!(headers["host"].as_str().unwrap().starts_with("127.0.0.1:"));
}

#[tokio::test]
async fn repeated_headers_are_joined_and_oddly_written_ones_read() {
    let (address, path) = target(echo().await);
    let mut wire = Wire::open(address).await;
    let mut request =
        format!("GET {path} HTTP/1.1\r\nhost: a.example\r\nX-TWICE: one\r\nother: x\r\n")
            .into_bytes();
    request.extend_from_slice(
        b"x-Twice:two\r\nX-twice:   three  \r\nx-latin: gr\xfcn\r\nx-utf8: gr\xc3\xbcn\r\n\r\n",
    );
    wire.send(request).await;
    let reply = wire.reply(true).await.unwrap();
    let all: Value = serde_json::from_str(&reply.body).unwrap();
    let headers = &all["__headers"];
    assert_eq!(headers["x-twice"], "one, two, three");
    assert_eq!(headers["x_twice"], "one, two, three");
    assert_eq!(headers["host"], "a.example");
    assert_eq!(headers["x-latin"], "grün");
    assert_eq!(headers["x-utf8"], "grün");
}

#[tokio::test]
async fn a_header_cannot_pass_for_what_the_platform_has_checked() {
    let request = client()
        .get(echo().await)
        .header("__jwt_data", "forged")
        .header("--jwt-data", "forged")
        .header("_-jwt_data", "forged");
    let all = data(request).await;
    let forged = all["__headers"]
        .as_object()
        .unwrap()
        .values()
        .any(|value| value == "forged");
    assert!(!forged, "{:#}", all["__headers"]);
}

#[tokio::test]
async fn without_a_check_a_token_is_a_header_like_any_other() {
    let request = client()
        .get(echo().await)
        .header("token", "abc")
        .header("authorization", "Basic eDp5");
    let all = data(request).await;
    assert_eq!(all["__headers"]["token"], "abc");
    assert_eq!(all["__headers"]["authorization"], "Basic eDp5");
    assert_eq!(all.get("__jwt"), None);
    assert_eq!(all["__files"], json!({}));
}
