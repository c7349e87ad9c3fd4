//! `earshot invoke`: calls an endpoint as a caller would.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method, Response};
use serde_json::Value;

use crate::args::{Connection, Invoke};
use crate::client::Client;
use crate::commands::{endpoints, files};
use crate::failure::Failure;
use crate::output::{self, member};

/// How long the JWT of a test call is good for.
const TOKEN_SECONDS: u32 = 300;

/// Calls the endpoint and writes the reply's body to standard output as it comes.
pub(crate) async fn run(connection: &Connection, invoke: Invoke) -> Result<(), Failure> {
    let client = Client::new(connection)?;
    let endpoint = endpoints::published(&client, &invoke.workflow).await?;
    let body = invoke
        .data
        .as_deref()
        .map(files::bytes_or_file)
        .transpose()?;
    let method = method(&invoke, &endpoint)?;
    let mut headers = headers(&invoke.headers)?;
    if body.is_some() && !headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if endpoint.get("authentication") == Some(&Value::Bool(true)) {
        let token = endpoints::sign(&client, &endpoint, &invoke.claims, TOKEN_SECONDS).await?;
        headers.insert(AUTHORIZATION, bearer(&token)?);
    }
    let http = reqwest::Client::builder()
        .redirect(Policy::none())
        .build()
        .map_err(|error| Failure::unavailable(format!("no HTTP client: {error}")))?;
    let mut request = http
        .request(method, member(&endpoint, "/url"))
        .headers(headers);
    request = request.query(&pairs(&invoke.query)?);
    if let Some(body) = body {
        request = request.body(body);
    }
    let response = request.send().await.map_err(|error| {
        Failure::unavailable(format!(
            "no answer from the endpoint: {}",
            error.without_url()
        ))
    })?;
    write(response, invoke.include).await
}

async fn write(mut response: Response, include: bool) -> Result<(), Failure> {
    let status = response.status();
    if include {
        output::say(&status.to_string());
        for (name, value) in response.headers() {
            output::say(&format!(
                "{name}: {}",
                String::from_utf8_lossy(value.as_bytes())
            ));
        }
    }
    let broken = |error: reqwest::Error| Failure::unavailable(format!("{}", error.without_url()));
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        output::print_bytes(&chunk)?;
    }
    if status.is_client_error() || status.is_server_error() {
        return Err(Failure::refused(format!("the endpoint answered {status}")));
    }
    Ok(())
}

fn method(invoke: &Invoke, endpoint: &Value) -> Result<Method, Failure> {
    let takes_get = member(endpoint, "/methods")
        .split(',')
        .any(|method| method == "GET");
    let name = match (&invoke.request, &invoke.data) {
        (Some(method), _) => method.to_uppercase(),
        (None, None) if takes_get => "GET".to_owned(),
        (None, _) => "POST".to_owned(),
    };
    Method::from_bytes(name.as_bytes()).map_err(|_| Failure::usage(format!("{name} is no method")))
}

fn headers(given: &[String]) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for header in given {
        let parsed = header.split_once(':').and_then(|(name, value)| {
            let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(value.trim()).ok()?))
        });
        let (name, value) = parsed.ok_or_else(|| {
            Failure::usage(format!("{header} is no header of the form Name: value"))
        })?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn pairs(given: &[String]) -> Result<Vec<(&str, &str)>, Failure> {
    given
        .iter()
        .map(|pair| {
            pair.split_once('=')
                .ok_or_else(|| Failure::usage(format!("{pair} is not of the form name=value")))
        })
        .collect()
}

fn bearer(token: &str) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| Failure::refused("the platform signed no usable token"))?;
    value.set_sensitive(true);
    Ok(value)
}
