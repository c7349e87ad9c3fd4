//! Error replies (RFC 9457), held to their shape wherever a test meets one.

use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use serde_json::Value;

/// The members that every problem has, in their order; more may follow.
const MEMBERS: [&str; 6] = ["type", "title", "status", "detail", "code", "request_id"];

/// An error reply whose shape was right.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Value,
}

impl Problem {
    /// A member of the body as text; empty where there is none.
    #[must_use]
    pub fn text(&self, member: &str) -> &str {
        self.body[member].as_str().unwrap_or_default()
    }
}

/// Takes a reply that must be this error. Panics where its status, code or shape is another.
pub async fn problem(response: reqwest::Response, status: u16, code: &str) -> Problem {
    let (found, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.expect("the reply is whole");
    assert_eq!(found.as_u16(), status, "expected {code}, got: {text}");
    assert_eq!(headers[CONTENT_TYPE], "application/problem+json", "{text}");
    assert_eq!(headers[CONTENT_LENGTH], text.len().to_string(), "{text}");
    assert_eq!(headers["cache-control"], "no-store", "{text}");
    let body: Value = serde_json::from_str(&text).expect("a problem is JSON");
    let members: Vec<&String> = body.as_object().expect("an object").keys().collect();
    assert!(
        members.starts_with(&MEMBERS.map(str::to_owned).each_ref()),
        "{text}"
    );
    assert_eq!(body["code"], code, "{text}");
    assert_eq!(body["type"], format!("urn:earshot:error:{code}"), "{text}");
    assert_eq!(body["status"], status, "{text}");
    for member in ["title", "detail"] {
        assert!(
            !body[member].as_str().unwrap_or_default().is_empty(),
            "{text}"
        );
    }
    assert_eq!(
        body["request_id"],
        headers["x-request-id"].to_str().unwrap_or_default(),
        "{text}"
    );
    let retry_after = headers.contains_key("retry-after");
    assert_eq!(retry_after, matches!(status, 429 | 503), "{headers:?}");
    Problem { headers, body }
}
