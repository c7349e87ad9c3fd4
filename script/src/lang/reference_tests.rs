//! The tables of filters, functions and tests in `docs/scripting.md`: made from the doc comments of the code, and held
//! against it. `UPDATE_REFERENCE=1 cargo test -p script reference` rewrites them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use super::registry::Group;

/// What stands before a table, with the folder of its code.
const TABLES: [(Group, &str); 3] = [
    (Group::Filter, "filter"),
    (Group::Function, "function"),
    (Group::Test, "test"),
];

fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The doc comment of every entry, by group word and name.
fn comments() -> HashMap<String, String> {
    let entry = Regex::new(
        r#"(?:entry|variadic)\(\s*"([^"]+)",\s*&\[[^\]]*\],\s*\d+,\s*((?:\w+::)*\w+),?\s*\)"#,
    )
    .unwrap();
    let mut found = HashMap::new();
    for folder in ["src/filters", "src/functions"] {
        for source in fs::read_dir(file(folder)).unwrap() {
            let source = fs::read_to_string(source.unwrap().path()).unwrap();
            for list in ["FILTERS", "FUNCTIONS", "TESTS"] {
                let Some((_, list_on)) = source.split_once(&format!("const {list}: ")) else {
                    continue;
                };
                let entries = list_on.split_once("];").unwrap().0;
                for entry in entry.captures_iter(entries) {
                    let comment = comment(&source, &entry[2]).unwrap_or_default();
                    found.insert(format!("{list} {}", &entry[1]), comment);
                }
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
    let mut names: Vec<&str> = group.entries().map(|entry| entry.name).collect();
    names.sort_by_key(|name| name.to_ascii_lowercase());
    let mut out = format!("| {word} | meaning |\n| --- | --- |\n");
    for name in names {
        let comment = comments
            .get(&format!("{list} {name}"))
            .unwrap_or_else(|| panic!("the {word} {name} has no entry that can be read"));
        let (signature, meaning) = split(comment)
            .unwrap_or_else(|| panic!("the comment of {word} {name} does not begin with its use in backticks and a colon: {comment}"));
        assert!(signature.contains(name), "{word} {name}: {signature}");
        let cell = |text: &str| text.replace('|', "\\|");
        out.push_str(&format!("| `{}` | {} |\n", cell(signature), cell(meaning)));
    }
    out
}

/// `` `use`: meaning ``.
fn split(comment: &str) -> Option<(&str, &str)> {
    let (signature, rest) = comment.strip_prefix('`')?.split_once('`')?;
    Some((signature, rest.strip_prefix(':')?.trim()))
}

#[test]
fn the_tables_in_the_documentation_are_those_of_the_code() {
    let path = file("../docs/scripting.md");
    let committed = fs::read_to_string(&path).unwrap();
    let mut page = committed.clone();
    for (group, word) in TABLES {
        let (begin, end) = (format!("<!-- {word}s -->\n"), format!("<!-- end of {word}s -->\n"));
        let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("no {begin}"));
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
