//! Node packages of the tests: `tests/npm` names them, `.earshot/npm` holds them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::debian;
use crate::command;
use crate::failure::Failure;
use crate::project::Project;

/// The oldest Node that the packages run on; Debian 12 has it.
const OLDEST_NODE: u32 = 18;
const HOW_TO_INSTALL: &str = "Node 18 or newer with npm is needed: `apt-get install nodejs npm` on Debian 12 and newer, or nodejs.org";

/// Installs exactly what the lock file says, unless that was done before.
pub(crate) fn ensure(project: &Project) -> Result<(), Failure> {
    if command::on_path("node").is_none() || command::on_path("npm").is_none() {
        debian::install(&["nodejs", "npm"]).map_err(|failure| {
            Failure::new(failure.code(), format!("{failure}\n{HOW_TO_INSTALL}"))
        })?;
    }
    let printed = command::output(Command::new("node").arg("--version"))?;
    if major(&printed).is_none_or(|found| found < OLDEST_NODE) {
        return Err(Failure::unavailable(format!(
            "this node is {}. {HOW_TO_INSTALL}",
            printed.trim()
        )));
    }
    let wanted = project.root().join("tests/npm");
    let folder = project.own("npm");
    let lock = read(&wanted.join("package-lock.json"))?;
    let stamp = folder.join("installed.json");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        println!(
            "    {} is up to date",
            folder.join("node_modules").display()
        );
        return Ok(());
    }
    write(
        &folder.join("package.json"),
        &read(&wanted.join("package.json"))?,
    )?;
    write(&folder.join("package-lock.json"), &lock)?;
    command::run(
        Command::new("npm")
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--prefix",
            ])
            .arg(&folder),
    )?;
    write(&stamp, &lock)
}

/// The folder of the installed packages, if they are there.
pub(crate) fn modules(project: &Project) -> Option<PathBuf> {
    let folder = project.own("npm/node_modules");
    folder.is_dir().then_some(folder)
}

/// The first number of what `node --version` prints, as in `v18.20.4`.
fn major(printed: &str) -> Option<u32> {
    printed
        .trim()
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::file(path, &error))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| Failure::file(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_node_is_its_first_number() {
        assert_eq!(major("v18.20.4\n"), Some(18));
        assert_eq!(major("v9.0.0"), Some(9));
        assert_eq!(major("node: not found"), None);
    }
}
