//! A file as the rules see it: its lines, what of them is code, and what of them is test code.

use super::mask::{Masked, mask};

/// A text file of the checkout.
pub(super) struct Source {
    path: String,
    text: String,
    masked: Option<Masked>,
    all_test: bool,
    test_lines: Vec<bool>,
}

/// One line of a file.
pub(super) struct Line<'a> {
    /// Its number, from 1.
    pub(super) number: usize,
    /// The line as it stands.
    pub(super) text: &'a str,
    /// The line without comments; for other files than Rust's, the line as it stands.
    pub(super) code: &'a str,
    /// Whether it is compiled for tests only.
    pub(super) in_test: bool,
}

impl Source {
    /// Takes a file apart. `path` is from the top of the checkout, with `/`.
    pub(super) fn new(path: String, text: String) -> Self {
        let masked = path.ends_with(".rs").then(|| mask(&text));
        let test_lines = masked
            .as_ref()
            .map(|masked| test_lines(&masked.bare))
            .unwrap_or_default();
        Self {
            all_test: stands_with_tests(&path),
            path,
            text,
            masked,
            test_lines,
        }
    }

    /// The path from the top of the checkout.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The ending of the file's name, without the dot.
    pub(super) fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The whole text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The lines, from the first.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let code = self
            .masked
            .as_ref()
            .map_or(self.text.as_str(), |masked| masked.code.as_str());
        let pairs = self.text.lines().zip(code.lines()).enumerate();
        pairs.map(|(index, (text, code))| {
            let in_test = self.all_test || self.test_lines.get(index).copied().unwrap_or(false);
            Line {
                number: index + 1,
                text,
                code,
                in_test,
            }
        })
    }

    /// Whether a remark on the line or the one above sets the rule aside there, with a reason.
    pub(super) fn sets_aside(&self, rule: &str, number: usize) -> bool {
        let mark = format!("tidy-allow({rule}):");
        let near = self
            .text
            .lines()
            .skip(number.saturating_sub(2))
            .take(number.min(2));
        near.filter_map(|line| line.split_once(&mark))
            .any(|(_, reason)| !reason.trim().is_empty())
    }

    /// The paths, without ending, of the modules that this file declares for tests only.
    pub(super) fn test_modules(&self) -> Vec<String> {
        let Some(masked) = &self.masked else {
            return Vec::new();
        };
        let folder = match self.path.rsplit_once('/') {
            Some((folder, "lib.rs" | "main.rs" | "mod.rs")) => folder,
            _ => self.path.trim_end_matches(".rs"),
        };
        let mut found = Vec::new();
        let mut for_tests = false;
        for line in masked.bare.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("#[cfg(test)]") {
                for_tests = true;
                found.extend(declared(rest).map(|name| format!("{folder}/{name}")));
            } else if for_tests && !line.is_empty() && !line.starts_with("#[") {
                found.extend(declared(line).map(|name| format!("{folder}/{name}")));
                for_tests = false;
            }
        }
        found
    }

    /// Marks the whole file as test code when it is one of these modules, or part of one.
    pub(super) fn mark_if_module_of(&mut self, modules: &[String]) {
        let own = self.path.trim_end_matches(".rs");
        let inside = |module: &String| {
            own == module
                || own
                    .strip_prefix(module.as_str())
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        self.all_test |= modules.iter().any(inside);
    }
}

/// The name in `mod name;`, with or without `pub` in front.
fn declared(line: &str) -> Option<&str> {
    let (_, name) = line.strip_suffix(';')?.rsplit_once("mod ")?;
    Some(name.trim())
}

/// Cargo's folders for tests, and the names that test modules have by habit.
fn stands_with_tests(path: &str) -> bool {
    let folders = path
        .split('/')
        .rev()
        .skip(1)
        .any(|folder| matches!(folder, "tests" | "benches"));
    let name = path.rsplit('/').next().unwrap_or_default();
    folders || name == "tests.rs" || name.ends_with("_tests.rs")
}

/// Which lines stand in a block under `#[cfg(test)]`. Takes code without comments and strings, so that braces count.
fn test_lines(bare: &str) -> Vec<bool> {
    let mut marks = Vec::new();
    let mut waiting = false;
    let mut depth = 0_usize;
    for line in bare.lines() {
        let attribute = line.find("#[cfg(test)]").and_then(|at| line.get(at..));
        let rest = if depth == 0 {
            attribute.unwrap_or(line)
        } else {
            line
        };
        waiting |= depth == 0 && attribute.is_some();
        marks.push(waiting || depth > 0);
        for letter in rest.chars() {
            match letter {
                '{' if waiting || depth > 0 => {
                    waiting = false;
                    depth += 1;
                }
                '}' => depth = depth.saturating_sub(1),
                ';' if depth == 0 => waiting = false,
                _ => {}
            }
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source::new(path.to_owned(), text.to_owned())
    }

    fn test_numbers(file: &Source) -> Vec<usize> {
        file.lines()
            .filter(|line| line.in_test)
            .map(|line| line.number)
            .collect()
    }

    #[test]
    fn the_block_under_the_attribute_is_test_code_and_what_follows_is_not() {
        let text =
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { '}'; \"}\"; }\n}\nfn c() {}\n";
        assert_eq!(test_numbers(&source("script/src/a.rs", text)), [2, 3, 4, 5]);
    }

    #[test]
    fn a_function_for_tests_only_is_test_code() {
        let text = "#[cfg(test)]\npub fn sample() -> u8 {\n    1\n}\nfn real() {}\n";
        assert_eq!(test_numbers(&source("script/src/a.rs", text)), [1, 2, 3, 4]);
    }

    #[test]
    fn a_declaration_for_tests_ends_at_its_semicolon() {
        let text = "#[cfg(test)]\nmod tests;\nfn real() {\n}\n";
        assert_eq!(test_numbers(&source("script/src/a.rs", text)), [1, 2]);
    }

    #[test]
    fn files_in_a_tests_folder_are_test_code() {
        assert_eq!(
            test_numbers(&source("script/tests/a.rs", "fn a() {}\n")),
            [1]
        );
        assert_eq!(
            test_numbers(&source("script/src/tests.rs", "fn a() {}\n")),
            [1]
        );
        assert_eq!(
            test_numbers(&source("script/src/a.rs", "fn a() {}\n")),
            Vec::<usize>::new()
        );
    }

    #[test]
    fn test_modules_in_files_of_their_own_are_found() {
        let text = "#[cfg(test)]\npub(crate) mod samples;\nmod real;\n#[cfg(test)] mod more;\n";
        assert_eq!(
            source("shared/src/lib.rs", text).test_modules(),
            ["shared/src/samples", "shared/src/more"]
        );
        assert_eq!(
            source("shared/src/v1.rs", text).test_modules(),
            ["shared/src/v1/samples", "shared/src/v1/more"]
        );
    }

    #[test]
    fn a_rule_is_set_aside_only_with_a_reason() {
        let text = "// tidy-allow(sleep): the slowness is what is tested\na();\nb();\nc(); // tidy-allow(sleep):\n";
        let file = source("tests/tests/a.rs", text);
        assert!(file.sets_aside("sleep", 1));
        assert!(file.sets_aside("sleep", 2));
        assert!(!file.sets_aside("clock", 2));
        assert!(!file.sets_aside("sleep", 3));
        assert!(!file.sets_aside("sleep", 4));
    }
}
