//! cargo-deny: licences, bans and sources of every dependency, as `deny.toml` says.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::command;
use crate::failure::Failure;
use crate::project::Project;

/// The release that `deny.toml` is written for; any patch of the same minor release reads it alike.
const VERSION: &str = "0.20.2";
const MINOR: &str = "0.20.";

/// What `cargo xtask deny` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Also check the advisory database, which is fetched over the network
    #[arg(long)]
    advisories: bool,
}

/// Installs cargo-deny if need be, and checks.
pub(crate) fn run(project: &Project, arguments: &Arguments) -> Result<(), Failure> {
    let program = ensure(project)?;
    check(project, &program)?;
    if arguments.advisories {
        return command::run(at(project, &program).args(["--locked", "check", "advisories"]));
    }
    Ok(())
}

/// Checks all that can be checked without the advisory database.
pub(crate) fn check(project: &Project, program: &PathBuf) -> Result<(), Failure> {
    // The licence texts are read out of the packages, and cargo has fetched only those of this platform so far.
    command::run(command::cargo(project).args(["fetch", "--locked", "--quiet"]))?;
    command::run(at(project, program).args([
        "--offline",
        "--locked",
        "check",
        "licenses",
        "bans",
        "sources",
    ]))
}

fn at(project: &Project, program: &PathBuf) -> Command {
    let mut command = Command::new(program);
    command.current_dir(project.root());
    command
}

/// Returns cargo-deny, building it under `.earshot/tools` when none is here.
pub(crate) fn ensure(project: &Project) -> Result<PathBuf, Failure> {
    if let Some(found) = find(project) {
        println!("    cargo-deny: {}", found.display());
        return Ok(found);
    }
    println!("    building cargo-deny {VERSION} (about two minutes on two cores, once)");
    let build = project.own("build");
    let mut install = command::cargo(project);
    install
        .args([
            "install",
            "cargo-deny",
            "--version",
            VERSION,
            "--locked",
            "--quiet",
            "--root",
        ])
        .arg(project.own("tools"));
    // It runs for seconds: the time to build it is what counts.
    install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    install.env("CARGO_PROFILE_RELEASE_LTO", "off");
    install.env("CARGO_PROFILE_RELEASE_DEBUG", "false");
    install.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    install.env("CARGO_TARGET_DIR", &build);
    command::run(&mut install)?;
    fs::remove_dir_all(&build).map_err(|error| Failure::file(&build, &error))?;
    find(project).ok_or_else(|| Failure::unavailable("the cargo-deny just built does not run"))
}

fn find(project: &Project) -> Option<PathBuf> {
    let candidates = [
        Some(project.own("tools/bin/cargo-deny")),
        command::on_path("cargo-deny"),
    ];
    candidates.into_iter().flatten().find(|program| {
        let printed = Command::new(program)
            .arg("--version")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        printed.is_ok_and(|output| fits(&String::from_utf8_lossy(&output.stdout)))
    })
}

fn fits(printed: &str) -> bool {
    printed
        .split_whitespace()
        .any(|word| word.starts_with(MINOR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_minor_release_that_the_settings_are_for_fits() {
        assert!(fits(&format!("cargo-deny {VERSION}\n")));
        assert!(fits("cargo-deny 0.20.0"));
        assert!(!fits("cargo-deny 0.2.0"));
        assert!(!fits("cargo-deny 0.21.0"));
        assert!(!fits(""));
    }
}
