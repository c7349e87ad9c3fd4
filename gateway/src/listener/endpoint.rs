//! One request to an endpoint. The order is fixed: origin, method, size and rate, token, body, run.

use http::header::ALLOW;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};
use shared::codes::Code;
use shared::v1::views::ReturnType;

use super::{Connection, Leash, run};
use crate::asked::Asked;
use crate::cors::{Judgement, is_preflight, preflight};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::receive::{self, Waiting};
use crate::reply::{Body, Response, head_of_stream};
use crate::routes::Route;

/// Answers it; every reply carries what CORS asks for, errors included.
pub(super) async fn answer(
    platform: &Platform,
    asked: &Asked,
    route: &Route,
    connection: Connection,
    parts: Parts,
    waiting: Waiting,
) -> Response {
    let judgement = Judgement::of(route.cors.as_ref(), &parts.headers);
    if parts.method == Method::OPTIONS
        && route.cors.is_some()
        && judgement.check().is_ok()
        && is_preflight(&parts.headers)
    {
        return preflight(&judgement, &route.allow, &parts.headers);
    }
    let answered = admit(
        platform, asked, route, &judgement, connection, parts, waiting,
    )
    .await;
    let mut response = match answered {
        Ok(response) => response,
        // It was unpublished meanwhile, and its credentials with it.
        Err(problem) if problem.code() == Code::AuthUnavailable && !platform.serves(route) => {
            return Problem::not_found().reply(asked);
        }
        Err(problem) => problem.reply(asked),
    };
    judgement.decorate(response.headers_mut());
    response
}

async fn admit(
    platform: &Platform,
    asked: &Asked,
    route: &Route,
    judgement: &Judgement,
    connection: Connection,
    parts: Parts,
    waiting: Waiting,
) -> Result<Response, Problem> {
    judgement.check()?;
    check_method(route, judgement, &parts)?;
    let most = route
        .view
        .max_body_bytes
        .min(platform.config.max_body_bytes);
    receive::check_head(&parts.headers, most)?;
    let place = platform.in_flight.admit(&route.limits)?;
    let admitted = match route.view.credentials {
        None => None,
        Some(credentials) => {
            let endpoint = route.view.endpoint_id;
            let verdict = platform
                .verdicts
                .check(asked, endpoint, credentials, &parts.headers);
            Some(verdict.await?)
        }
    };
    if parts.method == Method::HEAD && route.view.return_type == ReturnType::Sse {
        // A stream has no length to tell, and a run whose frames nobody reads is of no use.
        return Ok(head_of_stream(&[], Body::empty()));
    }
    let patience = platform.config.body_time();
    let (body, has_body) = receive::read(waiting, &parts.headers, most, patience).await?;
    let kind = receive::kind(&parts, has_body, &body)?;
    let ip = receive::caller(connection.peer, &parts.headers, &platform.proxies).to_string();
    let received = receive::received(asked, &parts, ip, admitted.as_ref(), kind);
    let leash = Leash::of(&connection, parts.version);
    let call = run::Call {
        platform,
        asked,
        route,
        received,
        body,
        leash: leash.clone(),
    };
    let response = call.answer(&parts.headers).await?;
    let patience = platform.config.slow_reader_time();
    Ok(response.map(|body| body.holding(place, &leash, patience)))
}

/// # Errors
/// `method_not_allowed` with `Allow`. OPTIONS that is no preflight is 403 where a token would be needed.
fn check_method(route: &Route, judgement: &Judgement, parts: &Parts) -> Result<(), Problem> {
    if route.takes(&parts.method) {
        return Ok(());
    }
    let unasked = *judgement == Judgement::Off && route.view.credentials.is_some();
    if parts.method == Method::OPTIONS && unasked {
        return Err(Problem::new(Code::TokenMissing, "missing"));
    }
    Err(method_not_allowed(&route.allow))
}

pub(super) fn method_not_allowed(allow: &HeaderValue) -> Problem {
    Problem::new(
        Code::MethodNotAllowed,
        "the endpoint does not take this method",
    )
    .header(ALLOW, allow.clone())
}

/// Whether the request is a preflight that an endpoint with CORS has to answer.
pub(super) fn asks_before(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::OPTIONS && is_preflight(headers)
}
