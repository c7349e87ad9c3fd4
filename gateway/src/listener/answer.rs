//! One request on the listener port, from its first byte to its line in the log.

use std::sync::Arc;

use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Version};
use hyper::body::Incoming;
use shared::ids::EndpointId;

use super::path::Place;
use super::{Connection, callback, endpoint, fetch};
use crate::asked::Asked;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::receive::Waiting;
use crate::reply::{Body, Response};

/// Answers a request.
pub(crate) async fn answer(
    platform: Arc<Platform>,
    connection: Connection,
    request: Request<Incoming>,
) -> Response {
    let asked = Asked::now(request.headers());
    let (method, version) = (request.method().clone(), request.version());
    let (endpoint_id, mut response) = place(&platform, &asked, connection, request).await;
    finish(&mut response, &asked, &method);
    // In a drain the caller goes to another gateway with its next request. After a body that did not come nobody knows
    // where a next request would begin (RFC 9110, section 15.5.9).
    let last = platform.draining.is_cancelled() || response.status() == StatusCode::REQUEST_TIMEOUT;
    if last && version < Version::HTTP_2 {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    log(&asked, endpoint_id, &response);
    response
}

/// Sends the request where its path leads. Whatever is not there is one and the same 404.
async fn place(
    platform: &Arc<Platform>,
    asked: &Asked,
    connection: Connection,
    request: Request<Incoming>,
) -> (Option<EndpointId>, Response) {
    let (parts, body) = request.into_parts();
    let tasks = platform.tasks.tracker.clone();
    let waiting = Waiting::new(body, &parts.headers, tasks);
    match Place::of(parts.uri.path()) {
        Some(Place::Endpoint(hashes)) => {
            let route = platform.routes.load().at(&hashes).cloned();
            if let Some(route) = route {
                let id = route.view.endpoint_id;
                let response =
                    endpoint::answer(platform, asked, &route, connection, parts, waiting).await;
                return (Some(id), response);
            }
        }
        Some(Place::Callback(token)) => {
            let (token, request) = (token.to_owned(), (parts, waiting));
            let response = callback::answer(platform, asked, token, connection, request);
            return (None, Box::pin(response).await);
        }
        Some(Place::Reply(run_id)) => return fetch::answer(platform, asked, run_id, &parts).await,
        None => {}
    }
    (None, Problem::not_found().reply(asked))
}

/// The id on every reply; and for HEAD the headers that GET would get, without the body.
fn finish(response: &mut Response, asked: &Asked, method: &Method) {
    request_id(response.headers_mut(), asked);
    if *method == Method::HEAD {
        let length = response.body().length().filter(|length| *length > 0);
        *response.body_mut() = Body::empty();
        if let Some(length) = length {
            response
                .headers_mut()
                .insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
    }
}

/// Names the request in a reply.
pub(crate) fn request_id(headers: &mut HeaderMap, asked: &Asked) {
    if let Ok(id) = HeaderValue::from_str(&asked.id.to_string()) {
        headers.insert("x-request-id", id);
    }
}

/// Never the URL, the token or the body: the URL is a secret.
fn log(asked: &Asked, endpoint_id: Option<EndpointId>, response: &Response) {
    let status = response.status().as_u16();
    metrics::counter!("earshot_gateway_requests_total", "status" => status_class(status))
        .increment(1);
    metrics::histogram!("earshot_gateway_request_seconds")
        .record(asked.started.elapsed().as_secs_f64());
    tracing::info!(
        trace_id = %asked.trace.trace_id_text(),
        request_id = %asked.id,
        endpoint_id = endpoint_id.map(tracing::field::display),
        status,
        milliseconds = u64::try_from(asked.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request"
    );
}

const fn status_class(status: u16) -> &'static str {
    match status / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
