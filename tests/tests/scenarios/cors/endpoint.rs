//! An endpoint with CORS, on a platform that the tests of this module share.

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use testkit::control::Workflow;
use testkit::http;
use testkit::jwt;
use testkit::stack::Stack;
use tokio::sync::OnceCell;
use uuid::Uuid;

pub(super) const KEY: &str = "issuer-of-the-tests";
pub(super) const SECRET: &str = "a secret of the tests that is long enough for HS256";

/// An origin that [`document`] allows, and one that it does not.
pub(super) const ALLOWED: &str = "https://app.example.com";
pub(super) const FOREIGN: &str = "https://evil.example.org";

/// The shared platform. It ends with the test program.
pub(super) async fn platform() -> &'static Stack {
    static PLATFORM: OnceCell<Stack> = OnceCell::const_new();
    PLATFORM.get_or_init(Stack::start).await
}

/// A document of a synchronous `data` endpoint with CORS; `listener` adds to its settings or replaces them.
pub(super) fn document(listener: &Value) -> Value {
    let settings = json!({
        "return_type": "data",
        "return_data": "{\"ran\": true}",
        "allow_cors": true,
        "cors_domains": ALLOWED,
    });
    let name = format!("cors-{}", Uuid::now_v7());
    testkit::document::document(
        &name,
        "sync",
        &testkit::document::with(settings, listener),
        &json!([]),
    )
}

/// The settings of an endpoint behind a JWT, with these over them.
pub(super) fn behind_jwt(more: &Value) -> Value {
    let settings = json!({
        "add_authentication": true,
        "endpoint_key": KEY,
        "endpoint_secret": SECRET,
    });
    testkit::document::with(settings, more)
}

/// A token that such an endpoint takes.
pub(super) fn token() -> String {
    jwt::good(KEY, SECRET)
}

/// A published endpoint.
pub(super) struct Endpoint {
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
        Self {
            workflow: stack.control().publish_new(&document.to_string()).await,
            http: http::client(),
        }
    }

    /// A request that names its origin.
    pub(super) fn from(&self, origin: &str, method: Method) -> RequestBuilder {
        self.without_origin(method).header("origin", origin)
    }

    /// A request as a program sends it that is no browser.
    pub(super) fn without_origin(&self, method: Method) -> RequestBuilder {
        self.http.request(method, &self.workflow.url)
    }

    /// A preflight for a method.
    pub(super) fn preflight(&self, origin: &str, method: &str) -> RequestBuilder {
        self.from(origin, Method::OPTIONS)
            .header("access-control-request-method", method)
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

    pub(super) fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.text).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The one value of a header.
    #[track_caller]
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next();
        assert!(values.next().is_none(), "{name} twice: {:?}", self.headers);
        value.map(|value| value.to_str().unwrap())
    }

    /// The members of a header that is a list, in lower case.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let values = self.headers.get_all(name).iter();
        let texts = values.map(|value: &HeaderValue| value.to_str().unwrap());
        texts
            .flat_map(|text| text.split(','))
            .map(|member| member.trim().to_ascii_lowercase())
            .collect()
    }

    /// A page of this origin may read the reply, and no cache gives it to another.
    #[track_caller]
    pub(super) fn is_readable_from(&self, origin: &str, row: &str) {
        assert_eq!(
            self.header("access-control-allow-origin"),
            Some(origin),
            "{row}"
        );
        self.is_of_a_cors_endpoint(row);
    }

    /// No page of another origin may read the reply, and no cache gives it to one that may.
    #[track_caller]
    pub(super) fn is_unreadable(&self, row: &str) {
        let header = self.header("access-control-allow-origin");
        assert_eq!(header, None, "{row}");
        self.is_of_a_cors_endpoint(row);
    }

    /// 403 for the origin's sake.
    #[track_caller]
    pub(super) fn is_refused(&self, row: &str) {
        assert_eq!(self.status, 403, "{row}: {}", self.text);
        assert_eq!(self.code(), "origin_not_allowed", "{row}");
        self.is_unreadable(row);
    }

    /// Nothing about CORS at all.
    #[track_caller]
    pub(super) fn says_nothing_of_cors(&self, row: &str) {
        let named = |name: &str| name.starts_with("access-control-");
        let found = self.headers.keys().any(|name| named(name.as_str()));
        assert!(!found, "{row}: {:?}", self.headers);
        let vary = self.list("vary");
        assert!(!vary.contains(&"origin".to_owned()), "{row}: {vary:?}");
    }

    #[track_caller]
    fn is_of_a_cors_endpoint(&self, row: &str) {
        let vary = self.list("vary");
        assert!(vary.contains(&"origin".to_owned()), "{row}: {vary:?}");
        let credentials = self.header("access-control-allow-credentials");
        assert_eq!(credentials, None, "{row}");
    }
}
