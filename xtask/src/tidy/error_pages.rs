//! Every public error code has a page with a remedy, and every page has its code.

use super::Violation;
use super::files::Tree;
use super::source::Source;

const CODES: &str = "shared/src/codes.rs";
const PAGES: &str = "docs/errors/";

/// Finds codes without a page and pages without a code.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let Some(file) = tree.get(CODES) else {
        return Vec::new();
    };
    let codes = codes(file);
    let without_page = codes.iter().filter(|(_, code)| tree.get(&page(code)).is_none()).map(|(line, code)| {
        let mend = format!("`{code}` has no page: write {}, with what it means and what the caller and the operator can do", page(code));
        Violation::new(CODES, *line, "error-page", mend)
    });
    let pages = tree.files().iter().filter_map(|file| {
        let name = file.path().strip_prefix(PAGES)?.strip_suffix(".md")?;
        Some((file.path(), name))
    });
    let without_code = pages
        .filter(|(_, name)| *name != "README" && !codes.iter().any(|(_, code)| code == name))
        .map(|(path, name)| {
            Violation::new(
                path,
                1,
                "error-page",
                format!("there is no code `{name}` in {CODES}: rename the page or take it away"),
            )
        });
    without_page.chain(without_code).collect()
}

fn page(code: &str) -> String {
    format!("{PAGES}{code}.md")
}

/// The codes and their lines: literals in snake case that something is set to or that a match arm returns.
fn codes(file: &Source) -> Vec<(usize, String)> {
    let mut codes: Vec<(usize, String)> = Vec::new();
    for line in file.lines().filter(|line| !line.in_test) {
        let Some((before, after)) = line.code.split_once('"') else {
            continue;
        };
        let before = before.trim_end();
        let literal = after.split('"').next().unwrap_or_default();
        let is_set = before.ends_with('=') || before.ends_with("=>");
        if is_set && is_snake_case(literal) && !codes.iter().any(|(_, code)| code == literal) {
            codes.push((line.number, literal.to_owned()));
        }
    }
    codes
}

fn is_snake_case(text: &str) -> bool {
    let lower =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    text.starts_with(|letter: char| letter.is_ascii_lowercase()) && text.chars().all(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<(String, usize)> {
        let tree = Tree::of(
            files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned())),
        );
        check(&tree)
            .into_iter()
            .map(|violation| (violation.path, violation.line))
            .collect()
    }

    const LIST: &str = "codes! {\n    /// Gone.\n    NotFound = \"not_found\", \"Not found\";\n    Internal = \"internal\", \"Oh\";\n}\n";

    #[test]
    fn a_code_without_a_page_is_found_at_its_line() {
        let files = [(CODES, LIST), ("docs/errors/not_found.md", "# Not found\n")];
        assert_eq!(found(&files), [(CODES.to_owned(), 4)]);
    }

    #[test]
    fn a_page_without_a_code_is_found() {
        let files = [
            (CODES, LIST),
            ("docs/errors/README.md", ""),
            ("docs/errors/not_found.md", ""),
            ("docs/errors/internal.md", ""),
            ("docs/errors/gone.md", ""),
        ];
        assert_eq!(found(&files), [("docs/errors/gone.md".to_owned(), 1)]);
    }

    #[test]
    fn codes_in_a_match_count_and_those_of_tests_do_not() {
        let text = "match self {\n    Self::A => \"run_failed\",\n}\n#[cfg(test)]\nmod tests {\n    const A: &str = \"other\";\n}\n";
        assert_eq!(found(&[(CODES, text)]), [(CODES.to_owned(), 2)]);
    }

    #[test]
    fn without_the_list_there_is_nothing_to_check() {
        assert_eq!(found(&[("docs/errors/not_found.md", "")]), []);
    }
}
