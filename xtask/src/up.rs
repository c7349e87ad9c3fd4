//! `cargo xtask up`: builds the platform and becomes it.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use crate::command;
use crate::failure::Failure;
use crate::nats;
use crate::project::Project;

/// What `cargo xtask up` takes; what is not given is left to `earshot up` and its own defaults.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The port nats-server listens on; without it, a free one
    #[arg(long, value_name = "PORT")]
    nats_port: Option<u16>,
    /// The public port, where published workflows answer
    #[arg(long, value_name = "PORT")]
    listener_port: Option<u16>,
    /// The port of the control-plane API
    #[arg(long, value_name = "PORT")]
    control_port: Option<u16>,
    /// Keep the database in PostgreSQL at this URL; without it, in SQLite under the data folder
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// The folder that holds all state between starts [default: .earshot/data in the checkout]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// More for `earshot up`, behind `--`
    #[arg(last = true, value_name = "MORE")]
    more: Vec<String>,
}

/// Finds nats-server, builds in release mode, and hands this process over to `earshot up`.
pub(crate) fn run(project: &Project, arguments: &Arguments) -> Result<(), Failure> {
    println!("==> nats-server");
    let server = nats::ensure(project)?;
    println!("==> building in release mode (the first time takes minutes)");
    command::run(command::cargo(project).args([
        "build",
        "--release",
        "--locked",
        "-p",
        "earshot",
        "--bin",
        "earshot",
    ]))?;
    let mut earshot = Command::new(project.target().join("release/earshot"));
    earshot.arg("up").arg("--nats-server").arg(server);
    earshot.arg("--data").arg(
        arguments
            .data
            .clone()
            .unwrap_or_else(|| project.own("data")),
    );
    earshot.args(passed_on(arguments));
    // Not the whole command line: the URL of a database may hold a password.
    println!(
        "==> starting {} up",
        earshot.get_program().to_string_lossy()
    );
    // In our place and under our process id: Ctrl-C and SIGTERM go straight to it, and its exit code is the caller's.
    let error = earshot.exec();
    command::check(&earshot, Err(error))
}

fn passed_on(arguments: &Arguments) -> Vec<String> {
    let ports = [
        ("--nats-port", arguments.nats_port),
        ("--listener-port", arguments.listener_port),
        ("--control-port", arguments.control_port),
    ];
    let ports = ports
        .into_iter()
        .filter_map(|(name, port)| Some((name, port?.to_string())));
    let postgres = arguments
        .postgres
        .iter()
        .map(|url| ("--postgres", url.clone()));
    let named = ports
        .chain(postgres)
        .flat_map(|(name, value)| [name.to_owned(), value]);
    named.chain(arguments.more.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn passed(words: &[&str]) -> Vec<String> {
        let line =
            Line::try_parse_from([&["up"], words].concat()).expect("a command line that reads");
        passed_on(&line.arguments)
    }

    #[test]
    fn what_is_not_given_is_not_passed_on() {
        assert_eq!(passed(&[]), Vec::<String>::new());
    }

    #[test]
    fn what_is_given_is_passed_on_to_the_letter() {
        let words = [
            "--nats-port",
            "4333",
            "--listener-port",
            "9080",
            "--postgres",
            "postgres://localhost/earshot",
        ];
        assert_eq!(passed(&words), words);
    }

    #[test]
    fn what_stands_behind_the_dashes_is_passed_on_last() {
        assert_eq!(
            passed(&["--control-port", "9081", "--", "--log", "debug"]),
            ["--control-port", "9081", "--log", "debug"]
        );
    }

    #[test]
    fn a_port_that_is_none_is_refused() {
        assert!(Line::try_parse_from(["up", "--nats-port", "70000"]).is_err());
    }
}
