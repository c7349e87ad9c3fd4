//! What the service's own log says of runs.

use shared::v1::reply::Outcome;
use workflow::machine::Level;

/// An outcome as a word.
pub(crate) const fn label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Failed => "failed",
        Outcome::Cancelled => "cancelled",
    }
}

/// A line of a run.
pub(crate) fn log(step: Option<&str>, level: Level, message: &str) {
    match level {
        Level::Debug => tracing::debug!(step, "{message}"),
        Level::Info => tracing::info!(step, "{message}"),
        Level::Warn => tracing::warn!(step, "{message}"),
        Level::Error => tracing::error!(step, "{message}"),
    }
}
