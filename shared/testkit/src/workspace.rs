//! Where the programs are that tests start.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of the workspace's root manifest.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors()
        .nth(2)
        .expect("testkit lies two folders deep")
        .to_owned()
}

/// A program on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// A binary of this workspace, of the build that the running test belongs to.
pub(crate) fn binary(name: &str) -> PathBuf {
    let test = env::current_exe().expect("the running test has a path");
    test.ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| {
            panic!("the binary {name} is not built: run `cargo build --workspace --bins` (with --release where the tests run with it)")
        })
}
