//! Folders that go away with the test.

use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

/// A folder for the files of one part of a test, removed when dropped.
///
/// What a killed test program left behind is removed by the next one: a folder's name begins with the id of the
/// process that it belongs to.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes an empty folder whose name ends in `label`.
    #[must_use]
    pub fn new(label: &str) -> Self {
        static SWEPT: Once = Once::new();
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let all = env::temp_dir().join("earshot-tests");
        fs::create_dir_all(&all).expect("the folder for temporary files can be written");
        SWEPT.call_once(|| sweep(&all));
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = all.join(format!("{}-{number}-{label}", process::id()));
        fs::create_dir(&path).expect("a folder of this name is new");
        Self { path }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A process that is just ending may still write: what stays is swept later.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes the folders of processes that are gone.
fn sweep(all: &Path) {
    let processes = Path::new("/proc");
    if !processes.join("self").exists() {
        return;
    }
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.split('-').next());
        if let Some(owner) = owner
            && owner.parse::<u32>().is_ok()
            && !processes.join(owner).exists()
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_away_with_its_owner() {
        let scratch = Scratch::new("gone");
        let path = scratch.path().to_owned();
        fs::write(path.join("file"), "x").unwrap();
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn what_a_dead_process_left_is_swept_and_what_a_living_one_has_is_kept() {
        let own = Scratch::new("kept");
        let all = own.path().parent().unwrap();
        // No process has this id: Linux counts to 2^22 at most.
        let left = all.join("4194305-0-left");
        fs::create_dir_all(&left).unwrap();
        sweep(all);
        assert!(!left.exists());
        assert!(own.path().exists());
    }
}
