//! One authorised request, as the routes read it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, StatusCode, Uri};
use ops::clock::now_ms;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::codes::Code;
use shared::rpc::Rpc;
use shared::v1::auth::TokenInfo;

use super::around::{self, Actor, Gate};
use super::body;
use crate::asked::Asked;
use crate::platform::Platform;
use crate::problem::Problem;

/// How long registry-svc or auth-svc may take. A publish waits for every gateway.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request whose token has the role that the route asks for.
pub(super) struct Call {
    /// The gateway.
    pub(super) platform: Arc<Platform>,
    /// Ids and times.
    pub(super) asked: Asked,
    /// Who asks.
    pub(super) actor: TokenInfo,
    /// The headers.
    pub(super) headers: HeaderMap,
    /// The body, whole.
    pub(super) body: Bytes,
    uri: Uri,
    gate: Gate,
}

impl FromRequest<Arc<Platform>> for Call {
    type Rejection = Problem;

    async fn from_request(request: Request, platform: &Arc<Platform>) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let asked = parts.extensions.get::<Asked>().copied();
        let actor = parts.extensions.get::<Actor>().cloned();
        let gate = parts.extensions.get::<Gate>().cloned();
        let (Some(asked), Some(Actor(actor)), Some(gate)) = (asked, actor, gate) else {
            return Err(Problem::new(
                Code::Internal,
                "the route stands outside of its gate",
            ));
        };
        let body = body::read(body, &parts.headers).await?;
        let (headers, uri) = (parts.headers, parts.uri);
        Ok(Self {
            platform: platform.clone(),
            asked,
            actor,
            headers,
            body,
            uri,
            gate,
        })
    }
}

/// An id in the path. What is none names nothing.
pub(super) struct Id<T>(pub(super) T);

impl<S: Send + Sync, T: std::str::FromStr> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        let id = path.ok().and_then(|path| path.0.parse().ok());
        id.map(Self).ok_or_else(Problem::not_found)
    }
}

impl Call {
    /// Checks the token once more, as it was at the beginning.
    ///
    /// # Errors
    /// `unauthenticated`, `forbidden`, or `auth_unavailable`.
    pub(super) async fn check_again(&self) -> Result<(), Problem> {
        let checked = around::check(&self.gate, &self.asked, &self.headers).await;
        checked.map(|_| ())
    }

    /// Asks registry-svc.
    ///
    /// # Errors
    /// Whatever it says, or `registry_unavailable`.
    pub(super) async fn registry<M: Rpc>(&self, message: M) -> Result<M::Reply, Problem> {
        self.ask(message, Code::RegistryUnavailable).await
    }

    /// Asks auth-svc.
    ///
    /// # Errors
    /// Whatever it says, or `auth_unavailable`.
    pub(super) async fn auth<M: Rpc>(&self, message: M) -> Result<M::Reply, Problem> {
        self.ask(message, Code::AuthUnavailable).await
    }

    async fn ask<M: Rpc>(&self, message: M, unavailable: Code) -> Result<M::Reply, Problem> {
        let context = self.asked.context();
        let reply = self
            .platform
            .bus
            .call(context, message, PATIENCE, now_ms())
            .await;
        reply.map_err(|error| error.into_failure(unavailable).into())
    }

    /// The query string, in which an unknown name is an error.
    ///
    /// # Errors
    /// `invalid_request`.
    pub(super) fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        Query::<T>::try_from_uri(&self.uri)
            .map(|query| query.0)
            .map_err(|error| {
                Problem::new(
                    Code::InvalidRequest,
                    format!("the query cannot be read: {}", error.body_text()),
                )
            })
    }
}

/// A JSON reply.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_vec(value).map_err(|error| {
        tracing::error!(%error, "a reply could not be written");
        Problem::new(Code::Internal, "the reply could not be written")
    })?;
    Ok((status, [(CONTENT_TYPE, "application/json")], body).into_response())
}
