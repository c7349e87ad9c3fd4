//! Finds a nats-server that is new enough, or puts one under `.earshot/bin`.

mod apt;
mod debian;
mod sources;
mod version;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::command;
use crate::failure::{Failure, USAGE};
use crate::project::Project;
use version::{OLDEST, Version};

/// The variable that names the nats-server to use, for us and for the tests.
pub(crate) const VARIABLE: &str = "NATS_SERVER";

const HOW_TO_INSTALL: &str = "\
Install nats-server 2.10.23 or newer in one of these ways, and start again:
  - a package: Debian trixie or newer `apt-get install nats-server`, Alpine `apk add nats-server`, \
macOS `brew install nats-server`, Arch `pacman -S nats-server`
  - Go: `go install github.com/nats-io/nats-server/v2@latest`, with Go's bin folder on the PATH
  - the program itself, from the releases page of github.com/nats-io/nats-server, as .earshot/bin/nats-server
NATS_SERVER=/path/to/nats-server names one that stands elsewhere.";

/// Returns a nats-server that is new enough, fetching Debian's package when none is here.
pub(crate) fn ensure(project: &Project) -> Result<PathBuf, Failure> {
    if let Some(found) = find(project)? {
        return Ok(found);
    }
    let binary = installed(project);
    println!(
        "    no nats-server {OLDEST} or newer is here: taking Debian's, unpacked under .earshot"
    );
    debian::fetch(project, &binary)
        .map_err(|failure| Failure::new(failure.code(), format!("{failure}\n{HOW_TO_INSTALL}")))?;
    let version = version_of(&binary)
        .ok_or_else(|| Failure::unavailable("the nats-server just fetched does not run"))?;
    println!("    nats-server {version}: {}", binary.display());
    Ok(binary)
}

/// Returns a nats-server that is new enough and already here.
pub(crate) fn find(project: &Project) -> Result<Option<PathBuf>, Failure> {
    if let Some(named) = env::var_os(VARIABLE) {
        let named = Path::new(&named);
        return judge_named(named, version_of(named)).map(Some);
    }
    for candidate in [Some(installed(project)), command::on_path("nats-server")]
        .into_iter()
        .flatten()
    {
        match version_of(&candidate) {
            Some(version) if version >= OLDEST => {
                println!("    nats-server {version}: {}", candidate.display());
                return Ok(Some(candidate));
            }
            Some(version) => println!(
                "    {} is {version}, older than {OLDEST}: passed over",
                candidate.display()
            ),
            None => {}
        }
    }
    Ok(None)
}

/// What was named on purpose is used or refused, never passed over.
fn judge_named(path: &Path, version: Option<Version>) -> Result<PathBuf, Failure> {
    let shown = path.display();
    match version {
        Some(version) if version >= OLDEST => Ok(path.to_path_buf()),
        Some(version) => Err(Failure::new(
            USAGE,
            format!(
                "{VARIABLE}={shown} is {version}, and {OLDEST} is the oldest that keeps its streams when it is killed"
            ),
        )),
        None => Err(Failure::new(
            USAGE,
            format!("{VARIABLE}={shown} is no nats-server that runs here"),
        )),
    }
}

fn installed(project: &Project) -> PathBuf {
    project.own("bin/nats-server")
}

fn version_of(program: &Path) -> Option<Version> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    Version::parse(&String::from_utf8_lossy(&output.stdout))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMED: &str = "/opt/nats/nats-server";

    #[test]
    fn a_named_server_that_is_new_enough_is_used() {
        let version = Version::parse("nats-server: v2.10.23");
        assert_eq!(
            judge_named(Path::new(NAMED), version).expect("new enough"),
            Path::new(NAMED)
        );
    }

    #[test]
    fn a_named_server_that_is_too_old_is_refused_with_its_version() {
        let version = Version::parse("nats-server: v2.9.10");
        let failure = judge_named(Path::new(NAMED), version).expect_err("too old");
        assert_eq!(failure.code(), USAGE);
        assert!(failure.to_string().contains("2.9.10"), "{failure}");
    }

    #[test]
    fn a_named_server_that_is_not_there_is_refused() {
        let nowhere = Path::new("/nowhere/nats-server");
        let failure = judge_named(nowhere, version_of(nowhere)).expect_err("nothing there");
        assert_eq!(failure.code(), USAGE);
    }
}
