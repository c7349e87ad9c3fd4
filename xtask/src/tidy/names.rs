//! A name that says nothing gathers everything.

use super::Violation;
use super::source::Source;

const KINDS: [&str; 7] = ["rs", "sh", "py", "js", "mjs", "ts", "tsx"];
const EMPTY: [&str; 7] = [
    "util", "utils", "common", "helper", "helpers", "manager", "misc",
];
const MEND: &str = "says nothing of what is in it: name it after its one idea, or move each part to where it is used";

/// Finds files, folders and modules with such a name.
pub(super) fn check(file: &Source) -> Vec<Violation> {
    if !KINDS.contains(&file.extension()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for part in file.path().split('/') {
        let stem = part.split('.').next().unwrap_or_default();
        if EMPTY.contains(&stem) {
            found.push(Violation::new(
                file.path(),
                1,
                "empty-name",
                format!("`{stem}` {MEND}"),
            ));
        }
    }
    for line in file.lines() {
        // A module in a file of its own is found by the file's name.
        let opened = line
            .code
            .trim_end()
            .strip_suffix('{')
            .and_then(|code| code.split_once("mod "));
        if let Some((_, name)) = opened
            && EMPTY.contains(&name.trim())
        {
            found.push(Violation::new(
                file.path(),
                line.number,
                "empty-name",
                format!("`{}` {MEND}", name.trim()),
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<usize> {
        let file = Source::new(path.to_owned(), text.to_owned());
        check(&file)
            .iter()
            .map(|violation| violation.line)
            .collect()
    }

    #[test]
    fn files_and_folders_with_an_empty_name_are_found() {
        assert_eq!(found("gateway/src/utils.rs", ""), [1]);
        assert_eq!(found("tests/tests/common/mod.rs", ""), [1]);
        assert_eq!(found("console/src/helpers.test.ts", ""), [1]);
    }

    #[test]
    fn a_module_with_an_empty_name_is_found_at_its_line() {
        assert_eq!(
            found("gateway/src/route.rs", "fn a() {}\npub mod misc {\n}\n"),
            [2]
        );
    }

    #[test]
    fn names_that_only_contain_such_a_word_pass() {
        assert_eq!(
            found("gateway/src/commonmark.rs", "mod manager_of_one {\n}\n"),
            Vec::<usize>::new()
        );
        assert_eq!(found("docs/common.md", ""), Vec::<usize>::new());
    }
}
