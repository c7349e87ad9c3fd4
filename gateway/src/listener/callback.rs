//! `/callback/{token}`: the resume URL of a run that waits, good for one call.

use std::time::Duration;

use bus::journal;
use bus::letters::{LetterError, Letters, key};
use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use ops::clock::now_ms;
use serde_json::json;
use shared::codes::Code;
use shared::ids::RunId;
use shared::v1::auth::{CallbackRight, CallbackTerms, CheckCallbackLink};
use shared::v1::letters::Letter;

use super::Connection;
use crate::asked::Asked;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::receive::{self, Waiting};
use crate::reply::{Body, Response};

/// How long auth-svc, or a question to JetStream, may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Answers it. The link comes first: without a good one there is nothing here, whatever the method. What is refused leaves
/// the URL as good as it was.
pub(super) async fn answer(
    platform: &Platform,
    asked: &Asked,
    token: String,
    connection: Connection,
    (parts, waiting): (Parts, Waiting),
) -> Response {
    let taken = take(platform, asked, token, connection, (parts, waiting));
    taken.await.unwrap_or_else(|problem| problem.reply(asked))
}

async fn take(
    platform: &Platform,
    asked: &Asked,
    token: String,
    connection: Connection,
    (parts, waiting): (Parts, Waiting),
) -> Result<Response, Problem> {
    // Anybody may ask, and each question is one to auth-svc.
    let _place = platform.in_flight.admit_to_no_endpoint()?;
    let right = check(platform, asked, token).await?;
    let (run_id, terms) = (right.run_id, &right.terms);
    check_method(terms, &parts)?;
    let most = terms.max_body_bytes.min(platform.config.max_body_bytes);
    receive::check_head(&parts.headers, most)?;
    let patience = platform.config.body_time();
    let (body, has_body) = receive::read(waiting, &parts.headers, most, patience).await?;
    let kind = receive::kind(&parts, has_body, &body)?;
    let ip = receive::caller(connection.peer, &parts.headers, &platform.proxies).to_string();
    let received = receive::received(asked, &parts, ip, None, kind);
    // A run that has a journal asks for its URL after it has begun to write it.
    if terms.journalled && !goes_on(platform, run_id).await? {
        return Err(over(run_id));
    }
    let letters = Letters::new(platform.bus.clone(), PATIENCE);
    let place = key(&right.place);
    let letter = Letter::Callback { received };
    let stored = letters.put(run_id, &place, &letter, &body).await;
    if stored.map_err(|error| away(&error, run_id))? {
        tracing::info!(%run_id, "a resume URL was called");
        return Ok(thanks(run_id, terms));
    }
    let there = letters.get(run_id, &place).await;
    match there.map_err(|error| away(&error, run_id))? {
        Some((Letter::Callback { .. } | Letter::Used, _)) => {
            let detail = "the URL was called before; it is good for one call";
            Err(Problem::new(Code::CallbackUsed, detail).of_run(run_id))
        }
        _ => Err(over(run_id)),
    }
}

async fn check(
    platform: &Platform,
    asked: &Asked,
    token: String,
) -> Result<CallbackRight, Problem> {
    let message = CheckCallbackLink { token };
    let right = platform
        .bus
        .call(asked.context(), message, PATIENCE, now_ms())
        .await;
    let right = right.map_err(|error| {
        tracing::warn!(%error, "a resume URL could not be checked");
        Problem::new(
            Code::AuthUnavailable,
            "the URL cannot be checked at the moment",
        )
    })?;
    right.ok_or_else(Problem::not_found)
}

/// HEAD and OPTIONS are looks at a URL, and must not use it up.
fn check_method(terms: &CallbackTerms, parts: &Parts) -> Result<(), Problem> {
    if terms
        .methods
        .iter()
        .any(|method| method == parts.method.as_str())
    {
        return Ok(());
    }
    let detail = "the URL does not take this method";
    let problem = Problem::new(Code::MethodNotAllowed, detail);
    Err(match HeaderValue::from_str(&terms.methods.join(", ")) {
        Ok(allow) => problem.header(ALLOW, allow),
        Err(_) => problem,
    })
}

async fn goes_on(platform: &Platform, run_id: RunId) -> Result<bool, Problem> {
    let goes_on = journal::goes_on(&platform.bus, run_id, PATIENCE).await;
    goes_on.map_err(|error| {
        tracing::warn!(%error, %run_id, "the journal of a run cannot be looked at");
        unavailable()
    })
}

fn away(error: &LetterError, run_id: RunId) -> Problem {
    tracing::warn!(%error, %run_id, "a callback could not be stored");
    unavailable()
}

fn unavailable() -> Problem {
    let detail = "the callback cannot be stored at the moment; call the URL again in a moment";
    Problem::new(Code::QueueUnavailable, detail)
}

fn over(run_id: RunId) -> Problem {
    let detail = "the run does not wait for this call any more";
    Problem::new(Code::CallbackOver, detail).of_run(run_id)
}

/// What the author chose, else the run's id.
fn thanks(run_id: RunId, terms: &CallbackTerms) -> Response {
    let (body, content_type) = match &terms.body {
        Some(text) => (text.clone(), "text/plain; charset=utf-8"),
        None => (json!({"run_id": run_id}).to_string(), "application/json"),
    };
    let body = Bytes::from(body);
    let length = HeaderValue::from(body.len());
    let mut response = Response::new(Body::whole(body));
    *response.status_mut() = StatusCode::from_u16(terms.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CONTENT_LENGTH, length);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
