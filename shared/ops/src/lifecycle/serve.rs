//! From start to the end of the drain.

use std::time::Duration;

use tokio::task::JoinError;
use tokio::time::timeout;

use super::signals::Signals;
use crate::health::{Health, State};
use crate::port;
use crate::service::{Service, StartError};
use crate::settings::Settings;

/// The check that is not ready until the service has started.
const STARTED: &str = "started";

/// How much longer than its grace a drain may take before it is given up.
const SLACK: Duration = Duration::from_secs(1);

/// How a service ended that had started.
pub(super) enum Ending {
    /// Nothing was cut.
    Drained,
    /// The grace ran out, or a second signal came.
    CutShort,
}

/// Starts the service, waits for a reason to stop, and drains it.
pub(super) async fn serve<S: Service>(settings: Settings<S::Config>) -> Result<Ending, StartError> {
    let grace = settings.ops.drain();
    let health = Health::new();
    health.set(STARTED, State::waiting("for the service to start"));
    let mut signals = Signals::listen()?;
    // Opened before the start, so that a start that takes long can be watched.
    let ops = match settings.ops.address {
        Some(address) => Some(port::open(address, S::NAME, health.clone()).await?),
        None => None,
    };
    let starting = tokio::spawn(S::start(settings, health.clone()));
    let abort = starting.abort_handle();
    let service = tokio::select! {
        started = starting => started.map_err(crashed)??,
        signal = signals.next() => {
            tracing::info!(signal, "stopped before it had started");
            abort.abort();
            return Ok(Ending::Drained);
        }
    };
    health.set(STARTED, State::Ready);
    let failure = wait(&mut signals, &health).await;
    health.start_draining();
    let ending = drain(service, grace, &mut signals).await;
    if let Some(ops) = ops {
        ops.close().await;
    }
    match failure {
        Some(reason) => Err(StartError::Internal {
            what: reason,
            source: None,
        }),
        None => Ok(ending),
    }
}

/// Waits for a signal, or for the service to give up: then it returns why.
async fn wait(signals: &mut Signals, health: &Health) -> Option<String> {
    tokio::select! {
        signal = signals.next() => {
            tracing::info!(signal, "draining");
            None
        }
        reason = health.gave_up() => {
            tracing::error!(reason, "gave up, draining");
            Some(reason)
        }
    }
}

async fn drain<S: Service>(service: S, grace: Duration, signals: &mut Signals) -> Ending {
    let draining = tokio::spawn(service.drain(grace));
    let abort = draining.abort_handle();
    let problem = tokio::select! {
        drained = timeout(grace + SLACK, draining) => match drained {
            Ok(Ok(())) => {
                tracing::info!("drained");
                return Ending::Drained;
            }
            Ok(Err(_)) => "the drain panicked",
            Err(_) => "the drain took too long",
        },
        _ = signals.next() => "a second signal came",
    };
    abort.abort();
    tracing::warn!(problem, "ended with work cut short");
    Ending::CutShort
}

/// A start that panicked. The panic itself has been logged with its place.
fn crashed(_: JoinError) -> StartError {
    StartError::Internal {
        what: "the service panicked while it started".to_owned(),
        source: None,
    }
}
