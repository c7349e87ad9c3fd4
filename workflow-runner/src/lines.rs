//! What the service's own log says of runs.

use workflow::machine::Level;

/// A line of a run.
pub(crate) fn log(step: Option<&str>, level: Level, message: &str) {
    match level {
        Level::Debug => tracing::debug!(step, "{message}"),
        Level::Info => tracing::info!(step, "{message}"),
        Level::Warn => tracing::warn!(step, "{message}"),
        Level::Error => tracing::error!(step, "{message}"),
    }
}
