//! `GET /runs/{run_id}/reply?token=…`: a kept reply, for whoever has the link.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderValue, Method};
use shared::ids::{EndpointId, RunId};

use super::endpoint::{asks_before, method_not_allowed};
use crate::asked::Asked;
use crate::cors::{Judgement, preflight};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::reply::{self, Response};
use crate::routes::Route;

const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD");

/// Answers it. The link comes first: without a good one there is nothing here, whatever the method. The rules of the
/// endpoint's origins hold for its kept replies too, while it is published.
pub(super) async fn answer(
    platform: &Platform,
    asked: &Asked,
    run_id: RunId,
    parts: &Parts,
) -> (Option<EndpointId>, Response) {
    let Some(token) = token(parts) else {
        return (None, Problem::not_found().reply(asked));
    };
    // Anybody may ask, and each question is one to auth-svc.
    let _place = match platform.in_flight.admit_to_no_endpoint() {
        Ok(place) => place,
        Err(problem) => return (None, problem.reply(asked)),
    };
    let endpoint_id = match reply::check_link(platform, asked, run_id, &token).await {
        Ok(endpoint_id) => endpoint_id,
        Err(problem) => return (None, problem.reply(asked)),
    };
    let route = platform.routes.load().endpoint(endpoint_id).cloned();
    let response = allowed(platform, asked, route, run_id, &token, parts).await;
    (Some(endpoint_id), response)
}

async fn allowed(
    platform: &Platform,
    asked: &Asked,
    route: Option<Arc<Route>>,
    run_id: RunId,
    token: &str,
    parts: &Parts,
) -> Response {
    let policy = route.as_ref().and_then(|route| route.cors.as_ref());
    let judgement = Judgement::of(policy, &parts.headers);
    let may = judgement.check();
    if may.is_ok() && policy.is_some() && asks_before(&parts.method, &parts.headers) {
        return preflight(&judgement, &ALLOWED, &parts.headers);
    }
    let reads = parts.method == Method::GET || parts.method == Method::HEAD;
    let answered = match may {
        Err(problem) => Err(problem),
        Ok(()) if !reads => Err(method_not_allowed(&ALLOWED)),
        Ok(()) => reply::kept(platform, run_id, token).await,
    };
    let mut response = answered.unwrap_or_else(|problem| problem.reply(asked));
    judgement.decorate(response.headers_mut());
    response
}

/// The one `token` of the query; a signed token needs no decoding.
fn token(parts: &Parts) -> Option<String> {
    let query = parts.uri.query()?;
    let mut tokens = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "token");
    let (_, token) = tokens.next()?;
    (tokens.next().is_none() && token.len() <= shared::limits::MAX_TOKEN)
        .then(|| token.into_owned())
}
