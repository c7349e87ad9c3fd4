//! Logs: what is logged, and how a line looks.

mod fields;
mod json;

use std::io::{self, IsTerminal, Write};

use serde::de::{Deserialize, Deserializer, Error};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry};

pub use json::JsonLines;

use crate::settings::{LogFormat, OpsSettings};

/// Kept for as long as the process logs; when it goes, what was logged has been written.
#[must_use = "logging ends with it"]
#[derive(Debug)]
pub struct Guard(());

impl Drop for Guard {
    fn drop(&mut self) {
        // A reader that is gone is no reason to fail at the very end.
        let _ = io::stderr().flush();
    }
}

/// Starts logging to standard error, as the service `name`.
///
/// In JSON every line is one object: `timestamp` (RFC 3339, UTC), `level`, `service`, `target`, `message`, then the
/// fields of the event and of the spans that it happened in, all at the top level; a field `service` of a span takes
/// the place of `name`, which is how several services in one process are told apart.
///
/// Does nothing the second time it is called in a process.
pub fn init(name: &str, settings: &OpsSettings) -> Guard {
    // The settings were checked when they were read; those that a program made itself fall back to `info`.
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = Registry::default().with(filter);
    // An error means that the process logs already.
    let _ = match settings.log_format {
        LogFormat::Json => registry.with(JsonLines::new(name, io::stderr)).try_init(),
        LogFormat::Text => {
            let text = tracing_subscriber::fmt::layer()
                .with_writer(io::stderr)
                .with_ansi(io::stderr().is_terminal());
            registry.with(text).try_init()
        }
    };
    Guard(())
}

/// Reads the setting `ops.log`, refusing a filter that cannot be understood.
pub(crate) fn filter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    check_filter(&text).map_err(D::Error::custom)?;
    Ok(text)
}

/// Checks a log filter: a level, or levels by target as in `warn,workflow_runner=info`.
///
/// # Errors
/// A sentence that names what cannot be understood. A word that is no level would be taken for the name of a target, and
/// everything else be silent.
pub fn check_filter(text: &str) -> Result<(), String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let is_level = |word: &str| LEVELS.contains(&word.trim().to_ascii_lowercase().as_str());
    for directive in text.split(',').filter(|part| !part.trim().is_empty()) {
        if !(is_level(directive) || directive.contains(['=', '['])) {
            return Err(format!(
                "expected a log filter: `{}` is neither a level ({}) nor of the form target=level",
                directive.trim(),
                LEVELS.join(", ")
            ));
        }
    }
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("expected a log filter: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::check_filter;

    #[test]
    fn a_filter_is_levels_alone_or_by_target() {
        for good in ["info", "WARN", "warn,ops=info", "off,a::b=trace", ""] {
            assert_eq!(check_filter(good), Ok(()), "{good}");
        }
        for bad in ["wran", "warn,bus", "a=b=c", "warn,a=loud"] {
            assert!(check_filter(bad).is_err(), "{bad}");
        }
    }
}
