//! The tables of filters, functions and tests in `docs/scripting.md`: made from the doc comments of the code, and held
//! against it. `UPDATE_REFERENCE=1 cargo test -p script reference` rewrites them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use super::registry::{Entry, Group};

/// What stands before a table, with the folder of its code.
const TABLES: [(Group, &str); 3] = [
    (Group::Filter, "filter"),
    (Group::Function, "function"),
    (Group::Test, "test"),
];

fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The doc comment of every entry, by list and name. An entry may share the code of another file.
fn comments() -> HashMap<String, String> {
    let entry = Regex::new(
        r#"(?:entry|variadic)\(\s*"([^"]+)",\s*&\[[^\]]*\],\s*\d+,\s*(?:\w+::)*(\w+),?\s*\)"#,
    )
    .unwrap();
    let sources: Vec<String> = ["src/filters", "src/functions"]
        .iter()
        .flat_map(|folder| fs::read_dir(file(folder)).unwrap())
        .map(|source| fs::read_to_string(source.unwrap().path()).unwrap())
        .collect();
    let mut found = HashMap::new();
    for source in &sources {
        for list in ["FILTERS", "FUNCTIONS", "TESTS"] {
            let Some((_, entries)) = source.split_once(&format!("const {list}: ")) else {
                continue;
            };
            let entries = entries.split_once("];").unwrap().0;
            for entry in entry.captures_iter(entries) {
                let comment = [source]
                    .into_iter()
                    .chain(&sources)
                    .find_map(|source| comment(source, &entry[2]));
                found.insert(format!("{list} {}", &entry[1]), comment.unwrap_or_default());
            }
        }
    }
    found
}

/// The doc comment of a function, as one line.
fn comment(source: &str, function: &str) -> Option<String> {
    let (before, _) = source.split_once(&format!("fn {function}("))?;
    let mut lines: Vec<&str> = before
        .lines()
        .rev()
        .skip_while(|line| !line.starts_with("///"))
        .take_while(|line| line.starts_with("///"))
        .map(|line| line.trim_start_matches("///").trim())
        .collect();
    lines.reverse();
    Some(lines.join(" "))
}

fn table(group: Group, word: &str) -> String {
    let comments = comments();
    let list = match group {
        Group::Filter => "FILTERS",
        Group::Function => "FUNCTIONS",
        Group::Test => "TESTS",
    };
    let mut entries: Vec<&Entry> = group.entries().collect();
    entries.sort_by_key(|entry| entry.name.to_ascii_lowercase());
    let mut out = format!("| {word} | meaning |\n| --- | --- |\n");
    for entry in entries {
        let name = entry.name;
        let comment = comments
            .get(&format!("{list} {name}"))
            .unwrap_or_else(|| panic!("the {word} {name} has no entry that can be read"));
        let (signature, meaning) = split(comment).unwrap_or_else(|| {
            panic!("the comment of {word} {name} does not begin with its use in backticks and a colon: {comment}")
        });
        let cell = |text: &str| text.replace('|', "\\|");
        let is_call = group != Group::Function || !signature.contains('|');
        let row = if is_call && signature.contains(name) {
            format!("| {} | {} |\n", cell(signature), cell(meaning))
        } else {
            // The same thing under another name.
            let call = format!("{name}({})", entry.params.join(", "));
            format!("| `{call}` | as {} |\n", cell(signature))
        };
        // Sisters that share a comment share a row.
        if !out.contains(&row) {
            out.push_str(&row);
        }
    }
    out
}

/// The uses up to the first colon behind a backtick, and what they mean.
fn split(comment: &str) -> Option<(&str, &str)> {
    let end = comment.find("`: ")? + 1;
    let (uses, meaning) = comment.split_at(end);
    uses.starts_with('`')
        .then(|| (uses, meaning.trim_start_matches(": ")))
}

#[test]
fn the_tables_in_the_documentation_are_those_of_the_code() {
    let path = file("../docs/scripting.md");
    let committed = fs::read_to_string(&path).unwrap();
    let mut page = committed.clone();
    for (group, word) in TABLES {
        let (begin, end) = (
            format!("<!-- {word}s -->\n"),
            format!("<!-- end of {word}s -->\n"),
        );
        let (before, rest) = page
            .split_once(&begin)
            .unwrap_or_else(|| panic!("no {begin}"));
        let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no {end}"));
        page = format!("{before}{begin}{}{end}{after}", table(group, word));
    }
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        fs::write(&path, &page).unwrap();
        return;
    }
    assert!(
        page == committed,
        "docs/scripting.md is stale; rewrite it with `UPDATE_REFERENCE=1 cargo test -p script reference`"
    );
}
