//! The control-plane API, as the commands use it.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use url::Url;

use crate::args::Connection;
use crate::failure::Failure;
use crate::output;

/// A client with an address and a token.
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    token: String,
}

impl Client {
    /// The client that the command line asks for.
    pub(crate) fn new(connection: &Connection) -> Result<Self, Failure> {
        let token = connection.token.clone().ok_or_else(|| {
            Failure::usage(
                "an API token is needed: give --token or set EARSHOT_TOKEN (the first start of \
                 the platform prints one)",
            )
        })?;
        Self::at(&connection.url, token)
    }

    /// A client for the API at `url`.
    pub(crate) fn at(url: &str, token: String) -> Result<Self, Failure> {
        let base = Url::parse(url)
            .ok()
            .filter(|base| matches!(base.scheme(), "http" | "https") && base.has_host())
            .ok_or_else(|| Failure::usage(format!("{url} is no http(s) URL")))?;
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(60))
            .build()
            .map_err(|error| Failure::unavailable(format!("no HTTP client: {error}")))?;
        Ok(Self { http, base, token })
    }

    /// A request to a path under `/api/v1`, each segment of which is encoded.
    pub(crate) fn request(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, Failure> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Failure::usage("the URL cannot have a path"))?
            .pop_if_empty()
            .extend(["api", "v1"])
            .extend(path);
        Ok(self.http.request(method, url).bearer_auth(&self.token))
    }

    /// Sends a request; its JSON, or the problem that the API answered with.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let sent = self.exchange(request).await?;
        sent.map_err(|(status, value)| Failure::refused(problem(status.as_u16(), &value)))
    }

    /// The same; nothing where the answer has this status.
    pub(crate) async fn send_unless(
        &self,
        request: RequestBuilder,
        none: StatusCode,
    ) -> Result<Option<Value>, Failure> {
        match self.exchange(request).await? {
            Ok(value) => Ok(Some(value)),
            Err((status, _)) if status == none => Ok(None),
            Err((status, value)) => Err(Failure::refused(problem(status.as_u16(), &value))),
        }
    }

    async fn exchange(
        &self,
        request: RequestBuilder,
    ) -> Result<Result<Value, (StatusCode, Value)>, Failure> {
        let response = request
            .send()
            .await
            .map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        let body = response
            .bytes()
            .await
            .map_err(|error| self.unreachable(&error))?;
        let value = serde_json::from_slice::<Value>(&body).unwrap_or(Value::Null);
        Ok(if status.is_success() {
            Ok(value)
        } else {
            Err((status, value))
        })
    }

    /// Sends a request; its reply before its body, or the problem that the API answered with.
    pub(crate) async fn open(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let response = request
            .send()
            .await
            .map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.bytes().await.unwrap_or_default();
        let value = serde_json::from_slice::<Value>(&body).unwrap_or(Value::Null);
        Err(Failure::refused(problem(status.as_u16(), &value)))
    }

    /// Reads every page of a listing.
    pub(crate) async fn list(
        &self,
        path: &[&str],
        filters: &[(&str, String)],
    ) -> Result<Vec<Value>, Failure> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut request = self.request(Method::GET, path)?.query(filters);
            if let Some(cursor) = &cursor {
                request = request.query(&[("cursor", cursor)]);
            }
            let mut page = self.send(request).await?;
            if let Some(Value::Array(found)) = page.get_mut("items").map(Value::take) {
                items.extend(found);
            }
            cursor = page
                .get("next_cursor")
                .and_then(Value::as_str)
                .map(str::to_owned);
            if cursor.is_none() {
                return Ok(items);
            }
        }
    }

    /// The workflow of this name or id.
    pub(crate) async fn workflow(&self, name_or_id: &str) -> Result<Value, Failure> {
        match self.find(name_or_id).await? {
            Some(workflow) => Ok(workflow),
            None => {
                let request = self.request(Method::GET, &["workflows", name_or_id])?;
                self.send(request).await.map_err(|failure| {
                    failure.within(&format!("no workflow is named {name_or_id}"))
                })
            }
        }
    }

    /// The workflow of this name, where there is one.
    pub(crate) async fn find(&self, name: &str) -> Result<Option<Value>, Failure> {
        let found = self
            .list(&["workflows"], &[("name", name.to_owned())])
            .await?;
        Ok(found.into_iter().next())
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let mut text = format!("no answer from {}", self.base);
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        Failure::unavailable(format!("{text}; is the platform running there?"))
    }
}

/// A problem (RFC 9457) as a person reads it, with what is wrong line by line.
fn problem(status: u16, value: &Value) -> String {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut lines = vec![format!("{} ({status} {})", text("detail"), text("code"))];
    if let Some(Value::Array(problems)) = value.get("problems") {
        lines.extend(problems.iter().map(problem_line));
    }
    lines.join("\n")
}

/// The tag of the draft that was read, as `If-Match` takes it (RFC 9110, section 8.8.3).
pub(crate) fn entity_tag(workflow: &Value) -> String {
    format!("\"{}\"", output::member(workflow, "/etag"))
}

/// One problem of a workflow document.
pub(crate) fn problem_line(problem: &Value) -> String {
    let text = |name: &str| {
        problem
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    format!(
        "  {}: {}: {} ({})",
        text("severity"),
        text("path"),
        text("message"),
        text("hint")
    )
}
