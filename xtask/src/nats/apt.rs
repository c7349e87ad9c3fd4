//! An apt with folders, settings and a source of its own: of the system it reads the keys, and a proxy if one is set.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::failure::Failure;

/// The keys that Debian signs its archive with, as Debian itself installs them.
pub(super) const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Such an apt for one suite of Debian.
pub(super) struct Apt<'a> {
    folder: PathBuf,
    mirror: &'a str,
    suite: &'a str,
}

impl<'a> Apt<'a> {
    /// An apt that keeps all it has in `base/suite`.
    pub(super) fn new(base: &Path, mirror: &'a str, suite: &'a str) -> Self {
        Self {
            folder: base.join(suite),
            mirror,
            suite,
        }
    }

    /// Downloads a package, checks its signature, and unpacks it; returns the folder that then holds its files.
    pub(super) fn unpack(&self, package: &str) -> Result<PathBuf, Failure> {
        self.remove()?;
        self.lay_out()?;
        command::run(self.apt_get().arg("update"))?;
        command::run(self.apt_get().args(["download", package]))?;
        let unpacked = self.folder.join("unpacked");
        let mut unpack = Command::new("dpkg-deb");
        command::run(unpack.arg("-x").arg(self.downloaded()?).arg(&unpacked))?;
        Ok(unpacked)
    }

    /// Removes everything that this apt has.
    pub(super) fn remove(&self) -> Result<(), Failure> {
        if !self.folder.exists() {
            return Ok(());
        }
        fs::remove_dir_all(&self.folder).map_err(|error| Failure::file(&self.folder, &error))
    }

    /// Makes the folders that apt insists on, its settings and its source.
    fn lay_out(&self) -> Result<(), Failure> {
        for part in ["state/lists/partial", "cache/archives/partial"] {
            let folder = self.folder.join(part);
            fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
        }
        let architecture = command::output(Command::new("dpkg").arg("--print-architecture"))?;
        let files = [
            (self.settings_file(), self.settings()),
            (self.source_file(), self.source(architecture.trim())),
        ];
        for (file, text) in files {
            fs::write(&file, text).map_err(|error| Failure::file(&file, &error))?;
        }
        Ok(())
    }

    fn apt_get(&self) -> Command {
        let mut command = Command::new("apt-get");
        command.current_dir(&self.folder);
        command.arg("-q").arg("-c").arg(self.settings_file());
        command
    }

    fn settings_file(&self) -> PathBuf {
        self.folder.join("apt.conf")
    }

    fn source_file(&self) -> PathBuf {
        self.folder.join("debian.sources")
    }

    /// What differs from the system's settings. As root, apt would download as a user who may not enter a checkout
    /// under a home folder; and hooks of the system's, such as a container image's, clear the system's own caches.
    fn settings(&self) -> String {
        let folder = self.folder.display();
        format!(
            "Dir::State \"{folder}/state\";\n\
             Dir::State::status \"/dev/null\";\n\
             Dir::Cache \"{folder}/cache\";\n\
             Dir::Etc::sourcelist \"{source}\";\n\
             Dir::Etc::sourceparts \"/dev/null\";\n\
             Dir::Etc::preferences \"/dev/null\";\n\
             Dir::Etc::preferencesparts \"/dev/null\";\n\
             APT::Sandbox::User \"root\";\n\
             APT::Update::Error-Mode \"any\";\n\
             #clear APT::Update::Pre-Invoke;\n\
             #clear APT::Update::Post-Invoke;\n\
             #clear APT::Update::Post-Invoke-Success;\n\
             #clear DPkg::Post-Invoke;\n",
            source = self.source_file().display(),
        )
    }

    /// The one source, restricted to the index of packages: no translations, no file lists, no icons.
    fn source(&self, architecture: &str) -> String {
        let Self { mirror, suite, .. } = self;
        format!(
            "Types: deb\nURIs: {mirror}\nSuites: {suite}\nComponents: main\nArchitectures: {architecture}\n\
             Languages: none\nTargets: Packages\nSigned-By: {KEYS}\n"
        )
    }

    fn downloaded(&self) -> Result<PathBuf, Failure> {
        let entries = fs::read_dir(&self.folder);
        let entries = entries.map_err(|error| Failure::file(&self.folder, &error))?;
        let mut files = entries.flatten().map(|entry| entry.path());
        files
            .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .ok_or_else(|| Failure::unavailable("apt-get downloaded no package"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apt_is_told_to_read_and_write_in_its_own_folder_only() {
        let base = Path::new("/checkout/.earshot/apt");
        let settings = Apt::new(base, "http://mirror.example/debian", "sid").settings();
        for setting in [
            "Dir::State \"/checkout/.earshot/apt/sid/state\";",
            "Dir::Cache \"/checkout/.earshot/apt/sid/cache\";",
            "Dir::Etc::sourcelist \"/checkout/.earshot/apt/sid/debian.sources\";",
            "Dir::Etc::sourceparts \"/dev/null\";",
            "Dir::State::status \"/dev/null\";",
            "#clear APT::Update::Post-Invoke;",
        ] {
            assert!(
                settings.lines().any(|line| line == setting),
                "{setting} is missing in:\n{settings}"
            );
        }
    }

    #[test]
    fn the_source_names_mirror_suite_and_keys() {
        let apt = Apt::new(
            Path::new("/checkout"),
            "http://mirror.example/debian",
            "trixie",
        );
        let source = apt.source("arm64");
        for line in [
            "URIs: http://mirror.example/debian",
            "Suites: trixie",
            "Architectures: arm64",
            "Targets: Packages",
            &format!("Signed-By: {KEYS}"),
        ] {
            assert!(
                source.lines().any(|found| found == line),
                "{line} is missing in:\n{source}"
            );
        }
    }
}
