//! Where things are: the checkout, and the folder in it that holds what was fetched.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, USAGE};

/// The checkout that the commands work on.
pub(crate) struct Project {
    root: PathBuf,
    target: PathBuf,
}

impl Project {
    /// Finds the checkout: cargo names this package's folder when it runs it; run by hand, the nearest workspace above.
    pub(crate) fn find() -> Result<Self, Failure> {
        let here = env::current_dir().map_err(|error| Failure::file(Path::new("."), &error))?;
        let root = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(package) => Path::new(&package).parent().map(Path::to_path_buf),
            None => here
                .ancestors()
                .find(|folder| is_workspace(folder))
                .map(Path::to_path_buf),
        };
        let root = root.ok_or_else(|| {
            Failure::new(
                USAGE,
                "no checkout here: run it as `cargo xtask` inside of one",
            )
        })?;
        // Cargo reads a relative folder as the caller's, and so must we, who start it elsewhere.
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |folder| here.join(folder));
        Ok(Self { root, target })
    }

    /// The top folder of the checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// A path under `.earshot`, the folder that holds everything fetched or written by a run; git ignores it.
    pub(crate) fn own(&self, path: &str) -> PathBuf {
        self.root.join(".earshot").join(path)
    }
}

fn is_workspace(folder: &Path) -> bool {
    fs::read_to_string(folder.join("Cargo.toml"))
        .is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
}
