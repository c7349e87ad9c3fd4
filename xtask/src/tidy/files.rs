//! The files that the rules are about: what git keeps, and what it would keep.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::source::Source;
use crate::command;
use crate::failure::Failure;

/// Every text file of the checkout, with paths from its top.
pub(super) struct Tree {
    files: Vec<Source>,
}

impl Tree {
    /// Reads what git has or would add; ignored and deleted files, links and binary files are left out.
    pub(super) fn read(root: &Path) -> Result<Self, Failure> {
        let mut git = Command::new("git");
        // A checkout of another owner's, as in a container, is still only listed.
        git.args(["-c", "safe.directory=*"]).current_dir(root);
        git.args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let listed = command::output(&mut git)?;
        let mut paths: Vec<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();
        paths.sort_unstable();
        paths.dedup();
        let texts = paths
            .into_iter()
            .filter_map(|path| Some((path.to_owned(), text(&root.join(path))?)));
        Ok(Self::of(texts))
    }

    /// A tree of the given paths and texts.
    pub(super) fn of(texts: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut files: Vec<Source> = texts
            .into_iter()
            .map(|(path, text)| Source::new(path, text))
            .collect();
        let test_modules: Vec<String> = files.iter().flat_map(Source::test_modules).collect();
        for file in &mut files {
            file.mark_if_module_of(&test_modules);
        }
        Self { files }
    }

    /// The files in the order of their paths.
    pub(super) fn files(&self) -> &[Source] {
        &self.files
    }

    /// The file at that path.
    pub(super) fn get(&self, path: &str) -> Option<&Source> {
        self.files.iter().find(|file| file.path() == path)
    }
}

fn text(path: &Path) -> Option<String> {
    let plain = fs::symlink_metadata(path).is_ok_and(|data| data.is_file());
    plain.then(|| fs::read_to_string(path).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_a_module_for_tests_only_is_test_code() {
        let tree = Tree::of([
            (
                "shared/src/lib.rs".to_owned(),
                "#[cfg(test)]\nmod samples;\nmod frame;\n".to_owned(),
            ),
            (
                "shared/src/samples.rs".to_owned(),
                "fn one() {}\n".to_owned(),
            ),
            (
                "shared/src/samples/more.rs".to_owned(),
                "fn two() {}\n".to_owned(),
            ),
            (
                "shared/src/frame.rs".to_owned(),
                "fn three() {}\n".to_owned(),
            ),
        ]);
        let in_tests = |path: &str| {
            tree.get(path)
                .is_some_and(|file| file.lines().all(|line| line.in_test))
        };
        assert!(in_tests("shared/src/samples.rs"));
        assert!(in_tests("shared/src/samples/more.rs"));
        assert!(!in_tests("shared/src/frame.rs"));
    }
}
