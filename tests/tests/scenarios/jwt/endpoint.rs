//! An endpoint behind authentication, on a platform that the tests of this module share.

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER, WWW_AUTHENTICATE};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use testkit::control::{Client, Workflow};
use testkit::http;
use testkit::jwt::{self, Algorithm};
use testkit::stack::Stack;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// What tokens have to name as their issuer.
pub(super) const KEY: &str = "issuer-of-the-tests";

/// Long enough for every algorithm.
pub(super) const SECRET: &str =
    "a secret of the tests that has more than sixty-four bytes, as HS512 wants it";

/// The shared platform. It ends with the test program.
pub(super) async fn platform() -> &'static Stack {
    static PLATFORM: OnceCell<Stack> = OnceCell::const_new();
    PLATFORM.get_or_init(Stack::start).await
}

/// A document of a synchronous `data` endpoint with authentication; `listener` adds to its settings or replaces them.
pub(super) fn document(listener: &Value) -> Value {
    let settings = json!({
        "return_type": "data",
        "return_data": "{\"passed\": true}",
        "add_authentication": true,
        "endpoint_key": KEY,
        "endpoint_secret": SECRET,
    });
    let name = format!("jwt-{}", Uuid::now_v7());
    testkit::document::document(
        &name,
        "sync",
        &testkit::document::with(settings, listener),
        &json!([]),
    )
}

/// A published endpoint.
pub(super) struct Endpoint {
    pub(super) control: Client,
    pub(super) workflow: Workflow,
    http: reqwest::Client,
}

impl Endpoint {
    /// Publishes one on the shared platform, with these settings over those of [`document`].
    pub(super) async fn with(listener: Value) -> Self {
        Self::on(platform().await, &document(&listener)).await
    }

    /// Publishes a document on a platform.
    pub(super) async fn on(stack: &Stack, document: &Value) -> Self {
        let control = stack.control();
        let workflow = control.publish_new(&document.to_string()).await;
        Self {
            control,
            workflow,
            http: http::client(),
        }
    }

    /// A request without a token.
    pub(super) fn request(&self, method: Method) -> RequestBuilder {
        self.http.request(method, &self.workflow.url)
    }

    /// GET with a bearer token.
    pub(super) async fn call(&self, token: &str) -> Reply {
        Reply::to(self.request(Method::GET).bearer_auth(token)).await
    }
}

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Reply {
    pub(super) async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the gateway answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("the reply is whole");
        Self {
            status,
            headers,
            text,
        }
    }

    pub(super) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// 200 from the workflow.
    #[track_caller]
    pub(super) fn is_passed(&self, row: &str) {
        assert_eq!(self.status, 200, "{row}: {}", self.text);
    }

    /// 401 with `WWW-Authenticate` and one word.
    #[track_caller]
    pub(super) fn is_denied(&self, word: &str, row: &str) {
        assert_eq!(self.status, 401, "{row}: {}", self.text);
        let challenge = self.headers[WWW_AUTHENTICATE].to_str().unwrap();
        assert_eq!(challenge, "Bearer error=\"invalid_token\"", "{row}");
        self.says(word, &format!("token_{word}"), row);
    }

    /// 403 and one word.
    #[track_caller]
    pub(super) fn is_missing(&self, row: &str) {
        assert_eq!(self.status, 403, "{row}: {}", self.text);
        assert!(!self.headers.contains_key(WWW_AUTHENTICATE), "{row}");
        self.says("missing", "token_missing", row);
    }

    /// 503 with `Retry-After`.
    #[track_caller]
    pub(super) fn is_unavailable(&self, row: &str) {
        assert_eq!(self.status, 503, "{row}: {}", self.text);
        let after = self.headers[RETRY_AFTER].to_str().unwrap();
        assert!(after.parse::<u64>().unwrap() >= 1, "{row}: {after}");
        assert_eq!(self.body()["code"], "auth_unavailable", "{row}");
    }

    /// A problem (RFC 9457) that says no more than this word: no member beside those that every problem has.
    #[track_caller]
    fn says(&self, word: &str, code: &str, row: &str) {
        assert_eq!(
            self.headers[CONTENT_TYPE], "application/problem+json",
            "{row}"
        );
        let body = self.body();
        assert_eq!(body["detail"], word, "{row}");
        assert_eq!(body["code"], code, "{row}");
        let id = self.headers["x-request-id"].to_str().unwrap();
        assert_eq!(body["request_id"], id, "{row}");
        let members: Vec<_> = body.as_object().unwrap().keys().collect();
        let every = ["type", "title", "status", "detail", "code", "request_id"];
        assert_eq!(members, every, "{row}");
    }
}

/// Good claims with these over them; null takes one out.
pub(super) fn claims(more: &Value) -> Value {
    let mut claims = jwt::claims(KEY);
    let members = claims.as_object_mut().unwrap();
    for (name, value) in more.as_object().unwrap() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    claims
}

/// A well-signed token with these claims over good ones.
pub(super) fn token(more: &Value) -> String {
    jwt::mint(Algorithm::HS256, SECRET.as_bytes(), &claims(more))
}

/// A token with good claims and this text as its header, signed by HS256 whatever that says.
pub(super) fn with_header(header: &str) -> String {
    let claims = claims(&json!({})).to_string();
    jwt::signed(Algorithm::HS256, SECRET.as_bytes(), header, &claims)
}

/// A well-signed token with this text as its claims.
pub(super) fn with_claims(claims: &str) -> String {
    let header = r#"{"alg":"HS256","typ":"JWT"}"#;
    jwt::signed(Algorithm::HS256, SECRET.as_bytes(), header, claims)
}
