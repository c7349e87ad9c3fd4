//! The command line of a service.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

/// The exit code for a command line that cannot be understood, `EX_USAGE` of `sysexits.h`.
const USAGE: u8 = 64;

/// The command line of a service.
#[derive(Debug, Parser)]
#[command(
    version,
    about = "A service of Earshot. Its settings come from its defaults, a file and the environment."
)]
pub(super) struct Arguments {
    /// A TOML file with settings; the environment (EARSHOT_<SECTION>__<KEY>) outweighs it
    #[arg(long, value_name = "FILE", env = "EARSHOT_CONFIG", global = true)]
    pub(super) config: Option<PathBuf>,
    /// Print the settings that hold in the end, secrets redacted, and exit
    #[arg(long)]
    pub(super) check_config: bool,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// What a service can be asked to do instead of serving.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Ask the service's own ops port whether it is ready: exit code 0 for yes, 1 for no
    Healthcheck,
}

impl Arguments {
    /// Reads the command line of the process; an exit code where there is nothing more to do.
    pub(super) fn parse(name: &'static str) -> Result<Self, ExitCode> {
        Self::command()
            .name(name)
            .try_get_matches()
            .and_then(|matches| Self::from_arg_matches(&matches))
            .map_err(|error| {
                // Help and version come this way too, and go to standard output.
                let _ = error.print();
                if error.use_stderr() {
                    ExitCode::from(USAGE)
                } else {
                    ExitCode::SUCCESS
                }
            })
    }
}
