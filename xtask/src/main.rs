//! The project's own commands: `up` starts the platform, `test` proves it, `chaos`, `tidy` and `deny` are three of its proofs.
//!
//! This crate is built before anything else, on machines that have nothing yet, so it depends on clap alone.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what a command prints is its product"
)]

mod chaos;
mod command;
mod deny;
mod failure;
mod nats;
mod project;
mod setup;
mod suite;
mod tally;
mod tidy;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::{Failure, USAGE};
use project::Project;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "The project's own commands"
)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds the platform and starts it: nats-server, the four services, the examples
    Up(up::Arguments),
    /// Installs what the tests need and runs every check and every test
    Test(suite::Arguments),
    /// Kills, stops and cuts off parts of a platform under load, and checks that nothing accepted is lost
    Chaos(chaos::Arguments),
    /// Checks the house rules that no compiler knows
    Tidy,
    /// Checks the licences, bans and sources of the dependencies
    Deny(deny::Arguments),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Printing is all that is left to do: a closed terminal changes nothing.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { USAGE } else { 0 });
        }
    };
    match carry_out(&arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn carry_out(task: &Task) -> Result<(), Failure> {
    let project = Project::find()?;
    match task {
        Task::Up(arguments) => up::run(&project, arguments),
        Task::Test(arguments) => suite::run(&project, arguments),
        Task::Chaos(arguments) => chaos::run(&project, arguments),
        Task::Tidy => tidy::run(&project),
        Task::Deny(arguments) => deny::run(&project, arguments),
    }
}
