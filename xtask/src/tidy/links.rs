//! A relative link in a page leads to something.

use std::path::{Component, Path, PathBuf};

use super::Violation;
use super::source::Source;

/// Finds links in a Markdown file that lead to no file or folder.
pub(super) fn check(file: &Source, root: &Path) -> Vec<Violation> {
    if file.extension() != "md" {
        return Vec::new();
    }
    let folder = Path::new(file.path()).parent().unwrap_or(Path::new(""));
    let mut found = Vec::new();
    let mut fenced = false;
    for line in file.lines() {
        if line.text.trim_start().starts_with("```") || line.text.trim_start().starts_with("~~~") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for target in targets(line.text) {
            let path = target.split(['#', '?']).next().unwrap_or_default();
            if path.is_empty() || is_elsewhere(path) {
                continue;
            }
            let full = path
                .strip_prefix('/')
                .map_or_else(|| folder.join(path), PathBuf::from);
            if !inside(&full).is_some_and(|full| root.join(full).exists()) {
                let mend = format!(
                    "`{target}` leads to nothing in the checkout: name a file that is there, from this page's folder"
                );
                found.push(Violation::new(file.path(), line.number, "link", mend));
            }
        }
    }
    found
}

/// What stands in the round brackets of `[text](target)`, and behind `[name]:`; code spans hold no links.
fn targets(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for plain in line.split('`').step_by(2) {
        let starts = plain
            .match_indices("](")
            .filter_map(|(at, mark)| plain.get(at + mark.len()..));
        found.extend(starts.filter_map(|rest| rest.split([')', ' ']).next()));
        if plain.starts_with('[')
            && !plain.starts_with("[^")
            && let Some((_, target)) = plain.split_once("]: ")
        {
            found.extend(target.split_whitespace().next());
        }
    }
    // A target in angle brackets may hold anything; the brackets are not of it.
    found
        .into_iter()
        .map(|target| target.trim_matches(['<', '>']))
        .collect()
}

/// Whether the link has a scheme of its own, such as `https:` or `mailto:`.
fn is_elsewhere(target: &str) -> bool {
    target
        .split_once(':')
        .is_some_and(|(scheme, _)| scheme.chars().all(|letter| letter.is_ascii_alphanumeric()))
}

/// The path without `.` and `..`, unless it leads out of the checkout.
fn inside(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => plain.push(name),
            Component::ParentDir if plain.pop() => {}
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks a page of this very package's folder, which has a `Cargo.toml` and a `src`.
    fn found(text: &str) -> Vec<usize> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = Source::new("src/page.md".to_owned(), text.to_owned());
        check(&file, root)
            .iter()
            .map(|violation| violation.line)
            .collect()
    }

    #[test]
    fn a_link_to_nothing_is_found_at_its_line() {
        assert_eq!(
            found("fine\nsee [this](gone.md) and [that](main.rs)\n"),
            [2]
        );
        assert_eq!(found("[name]: gone.md\n"), [1]);
    }

    #[test]
    fn links_are_read_from_the_folder_of_the_page() {
        assert_eq!(
            found("[a](../Cargo.toml) [b](./tidy/links.rs#x) [c](/src/main.rs) [d](tidy)\n"),
            Vec::<usize>::new()
        );
        assert_eq!(found("[a](Cargo.toml)\n"), [1]);
    }

    #[test]
    fn a_link_out_of_the_checkout_is_found() {
        assert_eq!(found("[a](../../README.md)\n"), [1]);
    }

    #[test]
    fn links_elsewhere_and_links_in_code_are_left_alone() {
        assert_eq!(
            found("[a](https://example.com/x) [b](mailto:a@example.com) [c](#here)\n"),
            Vec::<usize>::new()
        );
        assert_eq!(
            found("`[a](gone.md)`\n```\n[a](gone.md)\n```\n"),
            Vec::<usize>::new()
        );
    }
}
