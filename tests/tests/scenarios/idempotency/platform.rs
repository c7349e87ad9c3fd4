//! The platform that these tests share, and endpoints on it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::http;
use testkit::remote::Remote;
use testkit::stack::{Builder, Kind, Stack};
use testkit::until;
use tokio::sync::OnceCell;

/// A platform of two gateways whose runs may call this machine.
pub(super) fn builder() -> Builder {
    let networks = "EARSHOT_RUNNER__ALLOWED_NETWORKS";
    Stack::builder()
        .gateways(2)
        .env(Kind::Runner, networks, "127.0.0.0/8")
        .env(
            Kind::Runner,
            "EARSHOT_RUNNER__SCRIPT_OUTPUT_BYTES",
            "20000000",
        )
}

/// The platform for tests that do it no harm.
pub(super) async fn stack() -> &'static Stack {
    static STACK: OnceCell<Stack> = OnceCell::const_new();
    STACK.get_or_init(|| builder().start()).await
}

/// A published endpoint, at both gateways.
pub(super) struct Endpoint {
    urls: [String; 2],
    id: String,
}

impl Endpoint {
    pub(super) async fn on(stack: &Stack, mode: &str, listener: &Value, steps: &Value) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("keys-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let document = testkit::document::document(&name, mode, listener, steps);
        let workflow = stack.control().publish_new(&document.to_string()).await;
        let urls = [0, 1].map(|index| stack.gateway(index).listener_url() + &workflow.path());
        Self {
            urls,
            id: workflow.endpoint_id,
        }
    }

    /// One on the shared platform.
    pub(super) async fn new(mode: &str, listener: &Value, steps: &Value) -> Self {
        Self::on(stack().await, mode, listener, steps).await
    }

    /// Waits until so many requests wait for the reply to an equal one.
    pub(super) async fn has_waiting(&self, stack: &Stack, requests: usize) {
        until(Duration::from_secs(30), "requests that wait", async || {
            let logs = stack.logs(Kind::Gateway);
            let waiting = logs.iter().filter(|line| {
                line["message"] == "a request waits for the reply to an equal one"
                    && line["endpoint_id"] == self.id
            });
            (waiting.count() >= requests).then_some(())
        })
        .await;
    }

    /// A request with a key to one of the gateways.
    pub(super) fn request(&self, gateway: usize, method: Method, key: &str) -> RequestBuilder {
        http::client()
            .request(method, &self.urls[gateway])
            .header("idempotency-key", key)
            .timeout(Duration::from_secs(60))
    }

    /// `POST` of a text with a key.
    pub(super) fn post(&self, gateway: usize, key: &str, body: &str) -> RequestBuilder {
        self.request(gateway, Method::POST, key)
            .body(body.to_owned())
    }

    /// The reply to that.
    pub(super) async fn reply(&self, gateway: usize, key: &str, body: &str) -> Reply {
        Reply::to(self.post(gateway, key, body)).await
    }
}

/// A reply, read to its end.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Reply {
    pub(super) async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    /// Whether it says that it was given before.
    pub(super) fn is_replayed(&self) -> bool {
        self.headers
            .get("idempotency-replayed")
            .is_some_and(|value| value == "true")
    }

    /// Asserts that this is the problem of a code, and returns its body.
    pub(super) fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        let body: Value = serde_json::from_str(&self.text).unwrap();
        assert_eq!(body["code"], code, "{self:?}");
        body
    }

    /// Asserts that this is the same reply as another, but for what every reply has of its own.
    pub(super) fn is_that_of(&self, first: &Self) {
        let own = ["x-request-id", "date", "idempotency-replayed"];
        let bare = |reply: &Self| {
            let mut headers = reply.headers.clone();
            for name in own {
                headers.remove(name);
            }
            headers
        };
        assert_eq!(self.status, first.status, "{self:?}\n{first:?}");
        assert_eq!(self.text, first.text);
        assert_eq!(bare(self), bare(first));
    }
}

/// A step that calls a service.
pub(super) fn call(remote: &Remote, path: &str, then: &Value) -> Value {
    json!([{
        "id": "call", "type": "http_request", "method": "POST", "url": remote.url(path), "timeout": 60,
        "then": then,
    }])
}

/// A step that replies with something that no other run replies with.
pub(super) fn respond() -> Value {
    json!([{
        "id": "answer", "type": "respond", "return_type": "data", "return_status": 201,
        "return_headers": { "X-Made": "{{ uuid() }}" },
        "return_data": "{\"made\": \"{{ uuid() }}\"}",
    }])
}

/// A `data` listener that replies so.
pub(super) fn data() -> Value {
    json!({
        "return_type": "data", "return_status": 201,
        "return_headers": { "X-Made": "{{ uuid() }}" },
        "return_data": "{\"made\": \"{{ uuid() }}\"}",
    })
}
