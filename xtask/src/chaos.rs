//! `cargo xtask chaos`: builds a platform and the test that harms it, and starts that.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::failure::Failure;
use crate::nats;
use crate::project::Project;

/// What `cargo xtask chaos` takes; all of it goes to the test.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Arguments {
    /// `--minutes N`, `--rate R`, `--seed S`, `--planted NAME`, `--json` and more: `--help` tells all
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "OPTIONS"
    )]
    options: Vec<String>,
}

const SERVICES: [&str; 4] = ["gateway", "auth-svc", "workflow-runner", "registry-svc"];

/// The test program, of the package `tests`.
const PROGRAM: &str = "chaos";

/// The feature that lets services have planted bugs.
const PLANTED: &str = "ops/planted-bugs";

/// Builds what the options need, and runs the test with them.
pub(crate) fn run(project: &Project, arguments: &Arguments) -> Result<(), Failure> {
    let server = nats::ensure(project)?;
    let planted = arguments
        .options
        .iter()
        .any(|option| option.starts_with("--planted"));
    build(project, &[])?;
    let debug = project.target().join("debug");
    let folder = if planted {
        apart(project, &debug)?
    } else {
        debug
    };
    start(&folder, &server, &arguments.options)
}

/// A minute of it on programs that are built, as a part of `cargo xtask test`.
pub(crate) fn minute(project: &Project) -> Result<(), Failure> {
    let server = nats::find(project)?;
    let server = server.ok_or_else(|| {
        Failure::unavailable("no nats-server is here: `cargo xtask test --only nats` brings it")
    })?;
    // A rate and a patience for machines of two slow cores, and the same faults each time.
    let options = [
        "--minutes",
        "1",
        "--rate",
        "40",
        "--seed",
        "7",
        "--first-success",
        "10",
    ];
    let options = options.map(str::to_owned);
    start(&project.target().join("debug"), &server, &options)
}

fn start(folder: &Path, server: &Path, options: &[String]) -> Result<(), Failure> {
    let mut chaos = Command::new(folder.join(PROGRAM));
    chaos.args(options).env(nats::VARIABLE, server);
    command::run(&mut chaos)
}

/// The programs with planted bugs, in a folder of their own; those without are back in theirs afterwards.
fn apart(project: &Project, debug: &Path) -> Result<PathBuf, Failure> {
    let folder = project.target().join("planted");
    fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    build(project, &["--features", PLANTED])?;
    for program in SERVICES.into_iter().chain([PROGRAM]) {
        let copy = folder.join(program);
        fs::copy(debug.join(program), &copy).map_err(|error| Failure::file(&copy, &error))?;
    }
    build(project, &[])?;
    Ok(folder)
}

fn build(project: &Project, more: &[&str]) -> Result<(), Failure> {
    let mut cargo = command::cargo(project);
    cargo.args(["build", "--locked", "--bins"]);
    for service in SERVICES {
        cargo.args(["-p", service]);
    }
    command::run(cargo.args(more))?;
    let mut cargo = command::cargo(project);
    let test = ["build", "--locked", "-p", "tests", "--bin", PROGRAM];
    command::run(cargo.args(test))
}
