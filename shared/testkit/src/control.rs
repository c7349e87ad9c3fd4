//! A client of the control plane.

use reqwest::header::{CONTENT_TYPE, ETAG, IF_MATCH};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

/// The control plane of one gateway, with a token.
#[derive(Clone, Debug)]
pub struct Client {
    base: String,
    token: String,
    http: reqwest::Client,
}

/// A reply of the control plane.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The header `ETag`, as it came.
    pub etag: Option<String>,
    /// The body; null where there is none or it is no JSON.
    pub body: Value,
}

/// A workflow that was created.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// The workflow's id.
    pub id: String,
    /// The endpoint's id.
    pub endpoint_id: String,
    /// The endpoint's URL.
    pub url: String,
    /// The draft's entity tag, for `If-Match`.
    pub etag: String,
    /// The generated `endpoint_key`, shown once.
    pub endpoint_key: Option<String>,
    /// The generated `endpoint_secret`, shown once.
    pub endpoint_secret: Option<String>,
    /// The whole reply.
    pub body: Value,
}

impl Workflow {
    /// The path of the endpoint's URL, to be asked for at any gateway.
    #[must_use]
    pub fn path(&self) -> String {
        let url = reqwest::Url::parse(&self.url).expect("the reply holds a URL");
        url.path().to_owned()
    }
}

impl Client {
    /// A client for the control plane at `base`, such as `http://127.0.0.1:8081`.
    #[must_use]
    pub fn new(base: &str, token: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            token: token.to_owned(),
            http: crate::http::client(),
        }
    }

    /// The same control plane with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self::new(&self.base, token)
    }

    /// A request with the token, to a path below `/api/v1`.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}/api/v1{path}", self.base))
            .bearer_auth(&self.token)
    }

    /// Sends a request and reads its reply, whatever its status.
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        let response = request.send().await.expect("the control plane answers");
        let status = response.status();
        let etag = response
            .headers()
            .get(ETAG)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let text = response.text().await.expect("the reply is whole");
        let body = serde_json::from_str(&text).unwrap_or_default();
        Reply { status, etag, body }
    }

    /// `GET` of a path below `/api/v1`.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// `POST /workflows` with a document as YAML or JSON, whatever comes back.
    pub async fn try_create(&self, document: &str) -> Reply {
        let request = self.request(Method::POST, "/workflows");
        self.send(with_document(request, document)).await
    }

    /// Creates a workflow. Panics where it is refused.
    pub async fn create(&self, document: &str) -> Workflow {
        let reply = self.try_create(document).await;
        assert_eq!(reply.status, 201, "not created: {:#}", reply.body);
        created(reply)
    }

    /// Creates a workflow and publishes it: from here on its URL answers.
    pub async fn publish_new(&self, document: &str) -> Workflow {
        let workflow = self.create(document).await;
        self.publish(&workflow.id).await;
        workflow
    }

    /// `PUT /workflows/{id}` with `If-Match`, whatever comes back.
    pub async fn update(&self, id: &str, etag: &str, document: &str) -> Reply {
        let request = self
            .request(Method::PUT, &format!("/workflows/{id}"))
            .header(IF_MATCH, etag);
        self.send(with_document(request, document)).await
    }

    /// Publishes the draft. Panics where that is refused.
    pub async fn publish(&self, id: &str) -> Reply {
        self.succeed(id, "publish").await
    }

    /// Unpublishes the workflow. Panics where that is refused.
    pub async fn unpublish(&self, id: &str) -> Reply {
        self.succeed(id, "unpublish").await
    }

    /// `POST /workflows/{id}/{verb}`, whatever comes back.
    pub async fn act(&self, id: &str, verb: &str) -> Reply {
        self.send(self.request(Method::POST, &format!("/workflows/{id}/{verb}")))
            .await
    }

    /// `DELETE /workflows/{id}`, whatever comes back.
    pub async fn delete(&self, id: &str) -> Reply {
        self.send(self.request(Method::DELETE, &format!("/workflows/{id}")))
            .await
    }

    async fn succeed(&self, id: &str, verb: &str) -> Reply {
        let reply = self.act(id, verb).await;
        let status = reply.status;
        assert!(
            status.is_success(),
            "{verb} refused with {status}: {:#}",
            reply.body
        );
        reply
    }
}

fn with_document(request: RequestBuilder, document: &str) -> RequestBuilder {
    let kind = if document.trim_start().starts_with('{') {
        "application/json"
    } else {
        "application/yaml"
    };
    request.header(CONTENT_TYPE, kind).body(document.to_owned())
}

fn created(reply: Reply) -> Workflow {
    let Reply { etag, body, .. } = reply;
    let text = |pointer: &str| {
        body.pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let needed = |pointer: &str| {
        text(pointer).unwrap_or_else(|| panic!("the reply has no {pointer}: {body:#}"))
    };
    Workflow {
        id: needed("/id"),
        endpoint_id: needed("/endpoint/id"),
        url: needed("/endpoint/url"),
        etag: etag
            .or_else(|| text("/etag"))
            .unwrap_or_else(|| panic!("no entity tag: {body:#}")),
        endpoint_key: text("/credentials/endpoint_key"),
        endpoint_secret: text("/credentials/endpoint_secret"),
        body,
    }
}
