//! The ops port: `/livez`, `/readyz` and `/metrics`. It shows no secret, and asks for none.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::announce::announce;
use crate::health::{Health, Report, State};
use crate::service::StartError;

/// The upper bounds of what is measured in seconds, from half a millisecond to a minute.
const SECONDS: [f64; 16] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    60.0,
];
/// The upper bounds of what is measured in bytes, from 256 to 16 MiB.
const BYTES: [f64; 9] = [
    256.0,
    1024.0,
    4096.0,
    16384.0,
    65536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
];
/// How often the recorder tidies up what was measured.
const UPKEEP: Duration = Duration::from_secs(5);

/// An open ops port.
#[derive(Debug)]
pub struct Port {
    address: SocketAddr,
    token: CancellationToken,
    serving: JoinHandle<()>,
}

impl Port {
    /// Where it answers; the real port where port 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers what was asked so far, and ends.
    pub async fn close(self) {
        self.token.cancel();
        // A reader that keeps its connection busy does not hold up the end.
        let _ = tokio::time::timeout(Duration::from_secs(1), self.serving).await;
    }
}

/// Opens the ops port of the service `name` and announces it.
///
/// # Errors
///
/// [`StartError::Unavailable`] when the address cannot be bound.
pub async fn open(
    address: SocketAddr,
    name: &'static str,
    health: Health,
) -> Result<Port, StartError> {
    let mend = "set ops.address (EARSHOT_OPS__ADDRESS) to one that is free here";
    let unavailable = |error: std::io::Error| {
        StartError::unavailable(
            format!("the ops port {address} cannot be bound: {error}"),
            mend,
        )
    };
    let listener = TcpListener::bind(address).await.map_err(unavailable)?;
    let address = listener.local_addr().map_err(unavailable)?;
    let metrics = recorder();
    metrics::gauge!("earshot_build_info", "service" => name, "version" => env!("CARGO_PKG_VERSION"))
        .set(1.0);
    let token = CancellationToken::new();
    let ending = token.clone();
    let serving = tokio::spawn(async move {
        let upkeep = tokio::spawn(ending.clone().run_until_cancelled_owned(tidy(metrics)));
        let served = axum::serve(listener, routes(health, metrics))
            .with_graceful_shutdown(ending.cancelled_owned())
            .await;
        if let Err(error) = served {
            tracing::error!(%error, "the ops port ended");
        }
        upkeep.abort();
    });
    announce("ops", address);
    Ok(Port {
        address,
        token,
        serving,
    })
}

fn routes(health: Health, metrics: Option<&'static PrometheusHandle>) -> Router {
    Router::new()
        .route("/livez", get(|| async { "live\n" }))
        .route("/readyz", get(readyz))
        .with_state(health)
        .route("/metrics", get(move || async move { exposition(metrics) }))
}

async fn readyz(Shared(health): Shared<Health>) -> impl IntoResponse {
    let report = health.report();
    let status = if report.ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        [(header::CACHE_CONTROL, "no-store")],
        Json(described(&report)),
    )
}

fn described(report: &Report) -> Value {
    let checks: Map<String, Value> = report
        .checks
        .iter()
        .map(|(name, state)| {
            let state = match state {
                State::Ready => json!({ "ready": true }),
                State::Waiting(what) => json!({ "ready": false, "waiting": what }),
            };
            (name.to_string(), state)
        })
        .collect();
    json!({ "ready": report.ready(), "draining": report.draining, "checks": checks })
}

fn exposition(metrics: Option<&PrometheusHandle>) -> impl IntoResponse + use<> {
    match metrics {
        Some(handle) => (
            StatusCode::OK,
            [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
            handle.render(),
        ),
        None => (
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
            "another recorder is at work in this process\n".to_owned(),
        ),
    }
}

async fn tidy(metrics: Option<&'static PrometheusHandle>) {
    let mut every = tokio::time::interval(UPKEEP);
    loop {
        every.tick().await;
        if let Some(handle) = metrics {
            handle.run_upkeep();
        }
    }
}

/// The process's recorder, installed at the first call. `None` when somebody else installed another one.
fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let built = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
                .and_then(|builder| {
                    builder.set_buckets_for_metric(Matcher::Suffix("_bytes".to_owned()), &BYTES)
                })
                .and_then(PrometheusBuilder::install_recorder);
            built
                .inspect_err(|error| tracing::error!(%error, "no metrics"))
                .ok()
        })
        .as_ref()
}
