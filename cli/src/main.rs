//! `earshot`: validates, publishes and calls workflows, and starts the whole platform for a first try.

mod args;
mod client;
mod commands;
mod events;
mod failure;
mod output;
mod up;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};
use crate::failure::Failure;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no mistakes; a wrong command line is a usage error (sysexits.h).
            let code = if error.use_stderr() { 64 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure.to_string());
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unavailable(format!("no runtime: {error}")))?;
    runtime.block_on(async {
        let connection = arguments.connection;
        match arguments.command {
            Command::Up(up) => Box::pin(up::run(up)).await,
            Command::Validate(validate) => commands::validate::run(&validate, connection.output),
            Command::Script(script) => commands::script::run(&script, connection.output),
            Command::Apply(apply) => commands::apply::run(&connection, &apply).await,
            Command::Publish(publish) => commands::publish::publish(&connection, &publish).await,
            Command::Unpublish(name) => commands::publish::unpublish(&connection, &name).await,
            Command::Endpoints(endpoints) => commands::endpoints::run(&connection, endpoints).await,
            Command::Invoke(invoke) => commands::invoke::run(&connection, invoke).await,
            Command::DeadLetter(letter) => commands::dead_letter::run(&connection, letter).await,
            Command::Secret(secret) => commands::settings::secret(&connection, secret).await,
            Command::Variable(variable) => {
                commands::settings::variable(&connection, variable).await
            }
            Command::Runs(runs) => commands::runs::run(&connection, runs).await,
            Command::Token(token) => commands::token::run(&connection, token).await,
        }
    })
}
