//! The service that steps call: it writes every call into the book, and answers by the call alone.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::book::{Book, Seen};
use crate::clock::pass;
use crate::draw::hash;
use crate::kinds::{BAD, FLAKY};
use crate::owners::Owners;

/// The longest that an answer takes, in milliseconds.
const SLOWEST: u64 = 250;

/// What calls are answered from.
#[derive(Clone)]
struct Desk {
    book: Arc<Book>,
    owners: Arc<Owners>,
}

/// Starts it; its URL.
pub(crate) async fn start(book: Arc<Book>, owners: Arc<Owners>) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let desk = Desk { book, owners };
    let router = Router::new().fallback(take).with_state(desk);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    format!("http://{address}/step")
}

/// What a step is answered.
pub(crate) fn answer(token: &str, step: &str) -> String {
    format!("{token}/{step}")
}

/// How long that takes.
pub(crate) fn pause(token: &str, step: &str) -> Duration {
    Duration::from_millis(hash(&answer(token, step)) % SLOWEST)
}

async fn take(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let at = Instant::now();
    let told: Value = serde_json::from_str(&body).unwrap_or_default();
    let text = |name: &str| told[name].as_str().map(str::to_owned);
    let (Some(token), Some(step)) = (text("token"), text("step")) else {
        desk.book
            .wrong("a call", &format!("{body} is none of a step"));
        return StatusCode::BAD_REQUEST.into_response();
    };
    let key = headers
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok());
    let seen = Seen {
        step: step.clone(),
        at,
        key: key.map(str::to_owned),
        saw: text("saw"),
        count: told["count"].as_i64(),
        pid: desk.owners.of(peer.port()),
    };
    let earlier = {
        let mut pages = desk.book.open();
        let calls = pages.seen.entry(token.clone()).or_default();
        let earlier = calls.iter().filter(|call| call.step == step).count();
        calls.push(seen);
        earlier
    };
    let answer = answer(&token, &step);
    pass(pause(&token, &step)).await;
    let status = match step.as_str() {
        BAD => StatusCode::INTERNAL_SERVER_ERROR,
        FLAKY if earlier == 0 => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    (status, Json(json!({ "answer": answer }))).into_response()
}
