//! One request to an endpoint. The order is fixed: origin, method, size and rate, token, body, run.

use std::sync::Arc;

use http::header::ALLOW;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};
use shared::codes::Code;
use shared::ids::RunId;
use shared::v1::views::ReturnType;
use uuid::Uuid;

use super::keyed::Keyed;
use super::{Connection, Leash, run};
use crate::asked::Asked;
use crate::cors::{Judgement, is_preflight, preflight};
use crate::idempotency::Key;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::receive::{self, Waiting};
use crate::reply::{Body, Response, ResumeAt, head_of_stream};
use crate::routes::Route;

/// Answers it; every reply carries what CORS asks for, errors included.
pub(super) async fn answer(
    platform: &Arc<Platform>,
    asked: &Asked,
    route: &Arc<Route>,
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
    platform: &Arc<Platform>,
    asked: &Asked,
    route: &Arc<Route>,
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
    let resume_at = ResumeAt::of(&parts.headers);
    // A stream that goes on starts no run, so there is none to be done once.
    let key = match (resume_at, route.view.return_type) {
        (Some(_), ReturnType::Sse) => None,
        _ => {
            let claims = admitted.as_ref().map(|admitted| &*admitted.claims);
            Key::of(route.view.endpoint_id, claims, &parts, &body)?
        }
    };
    let (response, place) = match key {
        None => {
            let call = run::Call {
                platform,
                asked,
                route,
                received,
                body,
                run_id: RunId(Uuid::now_v7()),
                resume_at,
                leash: leash.clone(),
            };
            (call.answer(None).await?, place)
        }
        Some(key) => {
            let keyed = Keyed {
                platform: platform.clone(),
                asked: *asked,
                route: route.clone(),
                received,
                body,
                key,
                leash: leash.clone(),
            };
            Box::pin(keyed.answer(place)).await?
        }
    };
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
