//! Debian packages, installed only when what they bring is missing.

use std::path::Path;
use std::process::Command;

use super::postgres_folder;
use crate::command;
use crate::failure::Failure;

/// Where Debian's package php-twig puts Twig.
const TWIG: &str = "/usr/share/php/Twig/autoload.php";

/// Installs the packages of the tests that are missing: PostgreSQL's server, Chromium and its driver, and
/// PHP with Twig, which scripts are held against.
pub(crate) fn ensure() -> Result<(), Failure> {
    let needs = [
        ("postgresql", postgres_folder().is_some()),
        ("chromium", command::on_path("chromium").is_some()),
        (
            "chromium-driver",
            command::on_path("chromedriver").is_some(),
        ),
        ("php-cli", command::on_path("php").is_some()),
        ("php-twig", Path::new(TWIG).is_file()),
    ];
    let missing: Vec<&str> = needs
        .into_iter()
        .filter(|(_, here)| !here)
        .map(|(package, _)| package)
        .collect();
    if missing.is_empty() {
        println!("    postgres, chromium, chromedriver, php and Twig are here");
        return Ok(());
    }
    install(&missing)
}

/// Installs packages with apt-get, as root or by sudo.
pub(crate) fn install(packages: &[&str]) -> Result<(), Failure> {
    let list = packages.join(" ");
    if command::on_path("apt-get").is_none() {
        return Err(Failure::unavailable(format!(
            "missing: {list} (Debian's names). Install them with this system's package manager, with postgres, chromium, \
             chromedriver, php, node and npm on the PATH, and start again"
        )));
    }
    let root = command::output(Command::new("id").arg("-u"))?.trim() == "0";
    if !root && command::on_path("sudo").is_none() {
        return Err(Failure::unavailable(format!(
            "missing: {list}. As root: apt-get install --no-install-recommends {list}"
        )));
    }
    // An index that cannot be renewed may still do, and some other publisher's may be at fault: the install decides.
    if let Err(failure) = command::run(apt_get(root).arg("update")) {
        println!("    {failure}; going on with the index as it is");
    }
    command::run(
        apt_get(root)
            .args(["install", "-y", "--no-install-recommends"])
            .args(packages),
    )
}

fn apt_get(root: bool) -> Command {
    let mut command = Command::new(if root { "env" } else { "sudo" });
    if !root {
        command.arg("env");
    }
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apt_asks_nothing_and_uses_sudo_only_where_it_must() {
        assert_eq!(
            command::describe(&apt_get(true)),
            "env DEBIAN_FRONTEND=noninteractive apt-get -q"
        );
        assert_eq!(
            command::describe(&apt_get(false)),
            "sudo env DEBIAN_FRONTEND=noninteractive apt-get -q"
        );
    }
}
