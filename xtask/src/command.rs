//! Starting other programs, each announced by its command line.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use crate::failure::{FOUND, Failure};
use crate::project::Project;

/// Runs a program to its end with its output on ours; fails with its exit code.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    println!("    $ {}", describe(command));
    let status = command.stdin(Stdio::null()).status();
    check(command, status)
}

/// Runs a program to its end and returns its standard output; its errors go to ours.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let result = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output();
    let (status, bytes) = match result {
        Ok(output) => (Ok(output.status), output.stdout),
        Err(error) => (Err(error), Vec::new()),
    };
    check(command, status)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether a program starts and ends well; nothing of it is shown.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Turns the end of a program into a result that carries its exit code.
pub(crate) fn check(command: &Command, status: io::Result<ExitStatus>) -> Result<(), Failure> {
    let program = command.get_program().to_string_lossy();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            let code = status
                .code()
                .and_then(|code| u8::try_from(code).ok())
                .unwrap_or(FOUND);
            Err(Failure::new(code, format!("{program} failed: {status}")))
        }
        Err(error) => Err(Failure::unavailable(format!(
            "{program} cannot be started: {error}"
        ))),
    }
}

/// Cargo at the top of the checkout, without the variables that `cargo run` sets for this package: build scripts watch
/// the environment, and the same build by hand would start afresh.
pub(crate) fn cargo(project: &Project) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    for (name, _) in env::vars_os() {
        if is_of_this_package(&name) {
            command.env_remove(name);
        }
    }
    command.current_dir(project.root());
    command.env("CARGO_TARGET_DIR", project.target());
    command
}

fn is_of_this_package(variable: &OsStr) -> bool {
    let name = variable.to_string_lossy();
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || matches!(
            &*name,
            "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE"
        )
}

/// The first program of that name on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// The command line as a reader would type it.
pub(crate) fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_fails_passes_its_exit_code_on() {
        let failure = run(Command::new("sh").args(["-c", "exit 7"])).expect_err("it exits with 7");
        assert_eq!(failure.code(), 7);
    }

    #[test]
    fn a_program_that_is_missing_is_unavailable() {
        let failure =
            run(&mut Command::new("no-such-program-anywhere")).expect_err("there is none");
        assert_eq!(failure.code(), crate::failure::UNAVAILABLE);
    }

    #[test]
    fn the_output_of_a_program_comes_back_as_text() {
        let text =
            output(Command::new("sh").args(["-c", "echo two; echo lines"])).expect("it ends well");
        assert_eq!(text, "two\nlines\n");
    }

    #[test]
    fn only_variables_of_the_running_package_are_taken_away() {
        assert!(is_of_this_package(OsStr::new("CARGO_PKG_NAME")));
        assert!(is_of_this_package(OsStr::new("CARGO_MANIFEST_DIR")));
        assert!(!is_of_this_package(OsStr::new("CARGO_HOME")));
        assert!(!is_of_this_package(OsStr::new("CARGO_TARGET_DIR")));
    }
}
