//! The whole of a service's `main`.

mod arguments;
mod healthcheck;
mod serve;
mod signals;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use crate::config::{self, Effective};
use crate::panics::log_panics;
use crate::service::{Service, StartError, chain};
use crate::settings::Settings;
use crate::telemetry;
use arguments::{Arguments, Command};
use serve::Ending;

/// Reads the configuration, starts the service, and stops it at SIGTERM or SIGINT, or when it gives up.
///
/// Exit codes: 0 stopped and drained, 1 stopped with work cut short (or, for `healthcheck`, not ready), 64 wrong
/// arguments or configuration, 69 something that it needs is not there, 70 a fault of our own.
#[must_use]
pub fn main<S: Service>() -> ExitCode {
    let arguments = match Arguments::parse(S::NAME) {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let (settings, effective) = match configure::<S>(&arguments) {
        Ok(configured) => configured,
        Err(error) => return refuse(S::NAME, &error),
    };
    if arguments.check_config {
        // Nothing is left to do when nobody reads it.
        let _ = write!(io::stdout(), "{effective}");
        return ExitCode::SUCCESS;
    }
    match arguments.command {
        Some(Command::Healthcheck) => healthcheck::run(settings.ops.address),
        None => run::<S>(settings),
    }
}

fn configure<S: Service>(
    arguments: &Arguments,
) -> Result<(Settings<S::Config>, Effective), StartError> {
    let env = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let file = arguments.config.as_deref();
    Ok(config::load_effective(S::SECTION, S::DEFAULTS, file, env)?)
}

fn run<S: Service>(settings: Settings<S::Config>) -> ExitCode {
    let _logging = telemetry::init(S::NAME, &settings.ops);
    log_panics();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            return refuse(S::NAME, &StartError::internal("no threads", error));
        }
    };
    let ending = runtime.block_on(serve::serve::<S>(settings));
    // Blocking work that is stuck must not keep a process alive that has ended otherwise.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match ending {
        Ok(Ending::Drained) => ExitCode::SUCCESS,
        Ok(Ending::CutShort) => ExitCode::FAILURE,
        Err(error) => {
            tracing::error!(exit_code = error.exit_code(), "{}", chain(&error));
            ExitCode::from(&error)
        }
    }
}

/// Tells on standard error why the service does not start, before there is a log.
fn refuse(name: &str, error: &StartError) -> ExitCode {
    let _ = writeln!(io::stderr(), "{name}: {}", chain(error));
    ExitCode::from(error)
}
