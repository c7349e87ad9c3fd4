//! Test data that is kept beside the checkout.

use std::path::PathBuf;

use crate::workspace::root;

/// The folder `../shared/fixtures` beside the checkout, where it is there.
#[must_use]
pub fn dir() -> Option<PathBuf> {
    let folder = root().parent()?.join("shared/fixtures");
    folder.is_dir().then_some(folder)
}
