//! What a service is to the code that starts and stops it.

use std::error::Error;
use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::config::ConfigError;
use crate::health::Health;
use crate::settings::Settings;

/// One of the platform's services.
pub trait Service: Sized + Send + 'static {
    /// The name in logs, metrics and `--help`: `gateway`, `auth-svc`, `workflow-runner`, `registry-svc`.
    const NAME: &'static str;
    /// The documented defaults of the service's section, as TOML: `include_str!("../defaults.toml")`. It may also
    /// set keys of `[nats]` and `[ops]`.
    const DEFAULTS: &'static str;
    /// The configuration's section: `gateway`, `auth`, `runner`, `registry`.
    const SECTION: &'static str;
    /// What the section holds. Derive it with `deny_unknown_fields`, and keep secrets in a [`crate::Secret`].
    type Config: DeserializeOwned + Send + 'static;

    /// Binds its ports, connects to what it needs, and returns when it is ready to serve.
    ///
    /// # Errors
    ///
    /// A [`StartError`] that says what is wrong and how to mend it.
    fn start(
        settings: Settings<Self::Config>,
        health: Health,
    ) -> impl Future<Output = Result<Self, StartError>> + Send;

    /// Takes no new work, lets the work in flight end, and returns within `grace`.
    fn drain(self, grace: Duration) -> impl Future<Output = ()> + Send;
}

/// Why a service did not start. The exit codes are those of BSD's `sysexits.h`.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is not usable: exit code 64.
    #[error("{what}")]
    Config {
        /// Which setting is wrong, and why.
        what: String,
    },
    /// Something that the service needs is not there: exit code 69.
    #[error("{what}; {mend}")]
    Unavailable {
        /// What is not there.
        what: String,
        /// What an operator can do about it.
        mend: String,
    },
    /// A fault of our own or of the machine: exit code 70.
    #[error("{what}")]
    Internal {
        /// What went wrong.
        what: String,
        /// Why, where that is known.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
}

impl StartError {
    /// The configuration is not usable.
    #[must_use]
    pub fn config(what: impl Into<String>) -> Self {
        Self::Config { what: what.into() }
    }

    /// Something that the service needs is not there; `mend` tells an operator what to do.
    #[must_use]
    pub fn unavailable(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Unavailable {
            what: what.into(),
            mend: mend.into(),
        }
    }

    /// A fault of our own or of the machine.
    #[must_use]
    pub fn internal(
        what: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Internal {
            what: what.into(),
            source: Some(source.into()),
        }
    }

    /// The number that the process ends with: 64, 69 or 70.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Config { .. } => 64,
            Self::Unavailable { .. } => 69,
            Self::Internal { .. } => 70,
        }
    }
}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        Self::Config {
            what: chain(&error),
        }
    }
}

impl From<&StartError> for ExitCode {
    fn from(error: &StartError) -> Self {
        Self::from(error.exit_code())
    }
}

/// An error and what caused it, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}
