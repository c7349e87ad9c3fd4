//! One outgoing request with its redirects, under the guard's eyes at every hop.

use std::time::Duration;

use reqwest::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue,
    LOCATION, PROXY_AUTHORIZATION, TRANSFER_ENCODING,
};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, StatusCode};
use tokio::time::timeout;
use url::Url;
use workflow::machine::{HttpRequest, HttpResponse};

use super::guard::{Guard, Refused};

/// What the operator sets for outgoing requests.
#[derive(Clone, Debug)]
pub(crate) struct HttpSettings {
    /// Which addresses may be reached.
    pub guard: Guard,
    /// The largest response that is read, in bytes.
    pub max_response_bytes: usize,
}

/// The runner's HTTP client.
#[derive(Clone)]
pub(crate) struct HttpClient {
    client: Client,
    settings: HttpSettings,
}

/// Why a request brought no response. The texts never hold the URL's path or query, where authors
/// keep keys.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("the URL cannot be read: {0}")]
    Url(#[from] url::ParseError),
    #[error("the URL's scheme is {0}; only http and https are called")]
    Scheme(String),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("{0} is no HTTP method")]
    Method(String),
    #[error("the header {0} has a name or value that HTTP does not allow")]
    Header(String),
    #[error("the response redirects more than {0} times")]
    Redirects(u32),
    #[error("the response redirects to nowhere")]
    NoLocation,
    #[error("the response is larger than {0} bytes")]
    TooLarge(usize),
    #[error("no response within {0:?}")]
    Timeout(Duration),
    #[error("{0}")]
    Transport(String),
}

impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut causes = vec![error.to_string()];
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            if let Some(refused) = cause.downcast_ref::<Refused>() {
                return Self::Refused(refused.clone());
            }
            causes.push(cause.to_string());
            source = cause.source();
        }
        causes.dedup();
        Self::Transport(causes.join(": "))
    }
}

impl HttpClient {
    /// A client that follows no redirect by itself, uses no proxy and resolves through the guard.
    ///
    /// # Errors
    /// When the TLS roots cannot be loaded.
    pub(crate) fn new(settings: HttpSettings) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .dns_resolver(std::sync::Arc::new(settings.guard.clone()))
            .user_agent(concat!("earshot/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, settings })
    }

    /// Makes the request. An error is a sentence for the run's log and `on_failure`.
    ///
    /// # Errors
    /// When there is no response: a bad URL, a refused address, no connection, too slow, too large.
    pub(crate) async fn fetch(&self, request: &HttpRequest) -> Result<HttpResponse, String> {
        let limit = request.timeout;
        let outcome = timeout(limit, self.follow(request)).await;
        outcome
            .unwrap_or(Err(FetchError::Timeout(limit)))
            .map_err(|error| error.to_string())
    }

    async fn follow(&self, request: &HttpRequest) -> Result<HttpResponse, FetchError> {
        let mut hop = Hop::first(request)?;
        for _ in 0..=request.max_redirects {
            let response = self.send(&hop).await?;
            if !is_redirect(response.status()) || request.max_redirects == 0 {
                return self.read(response).await;
            }
            let location = response
                .headers()
                .get(LOCATION)
                .ok_or(FetchError::NoLocation)?;
            let location = location.to_str().map_err(|_| FetchError::NoLocation)?;
            let target = hop.url.join(location)?;
            hop = hop.redirected(response.status(), target);
        }
        Err(FetchError::Redirects(request.max_redirects))
    }

    async fn send(&self, hop: &Hop) -> Result<Response, FetchError> {
        if !matches!(hop.url.scheme(), "http" | "https") {
            return Err(FetchError::Scheme(hop.url.scheme().to_owned()));
        }
        self.settings.guard.check_literal(&hop.url)?;
        let mut request = self.client.request(hop.method.clone(), hop.url.clone());
        request = request.headers(hop.headers.clone());
        if let Some(body) = &hop.body {
            request = request.body(body.clone());
        }
        Ok(request.send().await?)
    }

    async fn read(&self, mut response: Response) -> Result<HttpResponse, FetchError> {
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > self.settings.max_response_bytes {
                return Err(FetchError::TooLarge(self.settings.max_response_bytes));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpResponse {
            status,
            headers,
            body,
        })
    }
}

/// One request on the way through redirects.
struct Hop {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
}

impl Hop {
    fn first(request: &HttpRequest) -> Result<Self, FetchError> {
        let mut url = Url::parse(&request.url)?;
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| FetchError::Method(request.method.clone()))?;
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let bad = || FetchError::Header(name.clone());
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
            headers.append(header, HeaderValue::from_str(value).map_err(|_| bad())?);
        }
        if let (Some(kind), false) = (&request.content_type, headers.contains_key(CONTENT_TYPE)) {
            let value = HeaderValue::from_str(kind);
            headers.insert(
                CONTENT_TYPE,
                value.map_err(|_| FetchError::Header(kind.clone()))?,
            );
        }
        // The client knows the body's length better.
        headers.remove(CONTENT_LENGTH);
        headers.remove(TRANSFER_ENCODING);
        Ok(Self {
            method,
            url,
            headers,
            body: request.body.clone(),
        })
    }

    /// The next request as the Fetch standard's HTTP-redirect fetch says: 303 always, and 301 and
    /// 302 of a POST, go on as a GET without a body; credentials do not leave their origin.
    fn redirected(mut self, status: StatusCode, target: Url) -> Self {
        let see_other = status == StatusCode::SEE_OTHER && self.method != Method::HEAD;
        let moved_post = matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND)
            && self.method == Method::POST;
        if see_other || moved_post {
            self.method = Method::GET;
            self.body = None;
            self.headers.remove(CONTENT_TYPE);
        }
        if self.url.origin() != target.origin() {
            for name in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
                self.headers.remove(name);
            }
        }
        self.url = target;
        self
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}
