//! What goes around every route: ids, the token, the role, errors, the line in the log.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONNECTION};
use http::{HeaderValue, StatusCode, Version};
use ops::clock::now_ms;
use shared::codes::Code;
use shared::limits::MAX_TOKEN;
use shared::v1::auth::{CheckToken, Role, TokenInfo};

use crate::asked::Asked;
use crate::listener::request_id;
use crate::platform::Platform;
use crate::problem::Problem;

/// How long auth-svc may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who asks.
#[derive(Clone, Debug)]
pub(super) struct Actor(pub(super) TokenInfo);

impl IntoResponse for Problem {
    /// A stand-in: [`around`] knows the request's id and makes the reply.
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

/// Names the request, turns problems into replies, and logs.
pub(super) async fn around(
    State(platform): State<Arc<Platform>>,
    mut request: Request,
    next: Next,
) -> Response {
    let asked = Asked::now(request.headers());
    let (method, version) = (request.method().clone(), request.version());
    request.extensions_mut().insert(asked);
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let allow = response.headers_mut().remove(http::header::ALLOW);
        response = problem.reply(&asked).map(Body::new);
        if let Some(allow) = allow {
            response.headers_mut().insert(http::header::ALLOW, allow);
        }
    }
    let draining = platform.draining.is_cancelled();
    let late = response.status() == StatusCode::REQUEST_TIMEOUT;
    let headers = response.headers_mut();
    request_id(headers, &asked);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        "x-content-type-options",
        HeaderValue::from_static("nosniff"),
    );
    if (draining || late) && version < Version::HTTP_2 {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    tracing::info!(
        trace_id = %asked.trace.trace_id_text(),
        request_id = %asked.id,
        %method,
        status = response.status().as_u16(),
        milliseconds = u64::try_from(asked.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "control request"
    );
    response
}

/// What a route asks for.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) platform: Arc<Platform>,
    pub(super) role: Role,
}

/// Lets a request through whose token has the role.
pub(super) async fn authorise(
    State(gate): State<Gate>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let asked = request.extensions().get::<Asked>().copied();
    let asked = asked.unwrap_or_else(|| Asked::now(request.headers()));
    let info = check(&gate, &asked, request.headers()).await?;
    request.extensions_mut().insert(Actor(info));
    request.extensions_mut().insert(gate);
    Ok(next.run(request).await)
}

/// Asks auth-svc whose the token is, and whether it has the role.
///
/// # Errors
/// `unauthenticated`, `forbidden`, or `auth_unavailable`.
pub(super) async fn check(
    gate: &Gate,
    asked: &Asked,
    headers: &HeaderMap,
) -> Result<TokenInfo, Problem> {
    let token = bearer(headers).ok_or_else(unauthenticated)?.to_owned();
    let check = CheckToken { token };
    let bus = &gate.platform.bus;
    let info = bus.call(asked.context(), check, PATIENCE, now_ms()).await;
    let info = info.map_err(|error| Problem::from(error.into_failure(Code::AuthUnavailable)))?;
    let info = info.ok_or_else(unauthenticated)?;
    if info.role < gate.role {
        let (needed, has) = (gate.role.as_str(), info.role.as_str());
        let detail = format!("this needs the role {needed}; the token has {has}");
        return Err(Problem::new(Code::Forbidden, detail));
    }
    Ok(info)
}

/// The one bearer token of a request.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.trim().split_once(' ')?;
    let token = token.trim();
    let fits = !token.is_empty() && token.len() <= MAX_TOKEN;
    (scheme.eq_ignore_ascii_case("bearer") && fits).then_some(token)
}

fn unauthenticated() -> Problem {
    let detail = "send a valid API token: `Authorization: Bearer <token>`";
    Problem::new(Code::Unauthenticated, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bearer_token_is_taken_and_nothing_else() {
        let mut headers = HeaderMap::new();
        assert_eq!(bearer(&headers), None);
        headers.insert(AUTHORIZATION, HeaderValue::from_static("bearer abc"));
        assert_eq!(bearer(&headers), Some("abc"));
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer abc"));
        assert_eq!(bearer(&headers), None);
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Basic abc"));
        assert_eq!(bearer(&headers), None);
    }
}
