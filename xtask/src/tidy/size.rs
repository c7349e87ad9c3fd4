//! A file past 500 lines holds more than one idea.

use super::Violation;
use super::source::Source;

const LIMIT: usize = 500;
const KINDS: [&str; 7] = ["rs", "sh", "py", "js", "mjs", "ts", "tsx"];

/// Finds a source file that is too long.
pub(super) fn check(file: &Source) -> Option<Violation> {
    let lines = file.text().lines().count();
    if lines <= LIMIT || !KINDS.contains(&file.extension()) {
        return None;
    }
    let mend = format!(
        "{lines} lines, and {LIMIT} is the limit: move one of its ideas into a file of its own"
    );
    Some(Violation::new(file.path(), LIMIT + 1, "file-size", mend))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, lines: usize) -> Source {
        Source::new(path.to_owned(), "x\n".repeat(lines))
    }

    #[test]
    fn five_hundred_lines_pass_and_one_more_does_not() {
        assert_eq!(check(&file("gateway/src/a.rs", 500)), None);
        let found = check(&file("gateway/src/a.rs", 501)).expect("too long");
        assert_eq!((found.line, found.rule), (501, "file-size"));
    }

    #[test]
    fn scripts_count_and_prose_does_not() {
        assert!(check(&file("deploy/a.sh", 501)).is_some());
        assert_eq!(check(&file("docs/a.md", 5000)), None);
        assert_eq!(check(&file("Cargo.lock", 5000)), None);
    }
}
