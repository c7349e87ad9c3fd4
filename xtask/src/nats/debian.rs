//! Debian's newer nats-server, unpacked without touching the system: nothing is installed, and no rights are needed.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::apt::{Apt, KEYS};
use super::version::OLDEST;
use super::{sources, version_of};
use crate::command;
use crate::failure::Failure;
use crate::project::Project;

/// The suites whose package is new enough, the newest first.
const SUITES: [&str; 2] = ["sid", "trixie"];
/// Names the mirror where the system has none of its own.
const MIRROR_VARIABLE: &str = "EARSHOT_DEBIAN_MIRROR";

/// Puts Debian's nats-server at `binary`, whole or not at all; every failure is of the kind "unavailable".
pub(super) fn fetch(project: &Project, binary: &Path) -> Result<(), Failure> {
    let mirror = mirror()?;
    let mut reasons = Vec::new();
    for suite in SUITES {
        let apt = Apt::new(&project.own("apt"), &mirror, suite);
        match take(&apt, binary) {
            Ok(()) => return apt.remove(),
            Err(failure) => reasons.push(format!("{suite}: {failure}")),
        }
    }
    let reasons = reasons.join("; ");
    Err(Failure::unavailable(format!(
        "Debian's package could not be had from {mirror} ({reasons})"
    )))
}

/// The mirror to take the package from, if this system can take one at all.
fn mirror() -> Result<String, Failure> {
    for tool in ["apt-get", "dpkg", "dpkg-deb"] {
        if command::on_path(tool).is_none() {
            return Err(Failure::unavailable(format!(
                "Debian's package cannot be fetched here: there is no {tool}"
            )));
        }
    }
    if !Path::new(KEYS).is_file() {
        return Err(Failure::unavailable(format!(
            "Debian's package cannot be checked here: there is no {KEYS} (the package debian-archive-keyring has it)"
        )));
    }
    let named = env::var(MIRROR_VARIABLE).ok();
    let mirror = named.or_else(|| sources::debian_mirror(Path::new("/etc/apt")));
    mirror.ok_or_else(|| {
        Failure::unavailable(format!(
            "/etc/apt names no mirror of Debian: {MIRROR_VARIABLE}=URL names one for this purpose"
        ))
    })
}

fn take(apt: &Apt<'_>, binary: &Path) -> Result<(), Failure> {
    let program = apt.unpack("nats-server")?.join("usr/sbin/nats-server");
    match version_of(&program) {
        Some(found) if found >= OLDEST => place(&program, binary),
        Some(found) => Err(Failure::unavailable(format!(
            "the package holds {found}, older than {OLDEST}"
        ))),
        None => Err(Failure::unavailable(
            "the package's program does not run on this system",
        )),
    }
}

/// Copies beside the final place and renames: another process sees the whole program or none.
fn place(program: &Path, binary: &Path) -> Result<(), Failure> {
    let folder = binary.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    let draft = folder.join(format!(".nats-server.{}", std::process::id()));
    let placed = fs::copy(program, &draft)
        .and_then(|_| fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)))
        .and_then(|()| fs::rename(&draft, binary));
    placed.map_err(|error| {
        // The half-written copy is of no use; when it cannot be removed either, the first error tells more.
        let _ = fs::remove_file(&draft);
        Failure::file(binary, &error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_placed_executable_and_replaces_an_older_one() {
        let folder = env::temp_dir().join(format!("earshot-xtask-place-{}", std::process::id()));
        let binary = folder.join("bin/nats-server");
        fs::create_dir_all(folder.join("bin")).expect("a scratch folder");
        fs::write(&binary, "old").expect("an older program");
        fs::write(folder.join("unpacked"), "new").expect("an unpacked program");
        place(&folder.join("unpacked"), &binary).expect("it can be placed");
        let text = fs::read_to_string(&binary).expect("it is there");
        let mode = fs::metadata(&binary)
            .expect("it is there")
            .permissions()
            .mode();
        let left = fs::read_dir(folder.join("bin")).expect("a folder").count();
        fs::remove_dir_all(&folder).expect("the scratch folder can go");
        assert_eq!((text.as_str(), mode & 0o777, left), ("new", 0o755, 1));
    }
}
