//! The control plane: what authors and operators do, under `/api/v1`, on a port of its own.

mod around;
mod body;
mod call;
mod cancel;
mod credentials;
mod dead_letters;
mod draft;
mod endpoints;
mod live;
mod payload;
mod precondition;
mod run_views;
mod runs;
mod scripts;
mod settings;
mod start;
mod table;
mod tokens;
mod trials;
mod views;
mod workflows;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use http::{Request, Response};
use hyper::body::Incoming;
use shared::codes::Code;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::platform::Platform;
use crate::problem::Problem;
use crate::receive::Waiting;

pub(crate) use live::Tail;

/// Every route of the table, each behind the role that it asks for.
pub(crate) fn router(platform: Arc<Platform>) -> Router {
    let mut router = Router::new();
    for row in table::table() {
        let gate = around::Gate {
            platform: platform.clone(),
            role: row.role,
        };
        let handler = row
            .handler
            .route_layer(from_fn_with_state(gate, around::authorise));
        router = router.route(&format!("/api/v1{}", row.path), handler);
    }
    router
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || {
            Problem::new(
                Code::MethodNotAllowed,
                "the route does not take this method",
            )
        })
        .layer(from_fn_with_state(platform.clone(), around::around))
        .with_state(platform)
}

/// Answers one request. A body that nobody wants is read all the same, within bounds: its sender gets to read why.
pub(crate) async fn answer(
    router: Router,
    tasks: TaskTracker,
    request: Request<Incoming>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let waiting = Waiting::new(body, &parts.headers, tasks);
    let request = Request::from_parts(parts, Body::new(waiting));
    let answered: Result<_, Infallible> = router.oneshot(request).await;
    match answered {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
