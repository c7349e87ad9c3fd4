//! Data goes to standard output in the form that was asked for, messages to standard error.

use std::borrow::Cow;
use std::io::{self, Write};

use comfy_table::{Table, presets};
use serde_json::Value;

use crate::args::Output;
use crate::failure::Failure;

/// Shows a result: `value` for programs, the `columns` of `rows` for people.
pub(crate) fn show(
    output: Output,
    value: &Value,
    columns: &[&str],
    rows: Vec<Vec<String>>,
) -> Result<(), Failure> {
    let text = match output {
        Output::Table => table(columns, rows),
        Output::Json => serde_json::to_string_pretty(value).map_err(|error| failed(&error))?,
        Output::Yaml => serde_saphyr::to_string(value).map_err(|error| failed(&error))?,
    };
    print(text.trim_end())
}

/// Shows a text that others had a hand in: control characters, which a terminal would obey, are spelt out.
pub(crate) fn print_visibly(text: &str) -> Result<(), Failure> {
    print(&visible(text))
}

fn visible(text: &str) -> Cow<'_, str> {
    let hidden = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if hidden(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

/// Writes a line of data.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    write(io::stdout().lock(), &format!("{text}\n"))
}

/// Writes data as it came.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(|error| failed(&error))
}

/// Writes a message for the person at the terminal.
pub(crate) fn say(text: &str) {
    // Where nobody can be told, there is nothing better to do.
    let _ = write(io::stderr().lock(), &format!("{text}\n"));
}

/// Writes what went wrong.
pub(crate) fn complain(text: &str) {
    say(&format!("earshot: {text}"));
}

fn write(mut to: impl Write, text: &str) -> Result<(), Failure> {
    to.write_all(text.as_bytes())
        .map_err(|error| failed(&error))
}

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::refused(format!("the result could not be shown: {error}"))
}

fn table(columns: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(columns.iter().map(|column| column.to_uppercase()));
    let rows = rows.into_iter().map(|row| {
        let cells = row.iter().map(|cell| visible(cell).into_owned());
        cells.collect::<Vec<_>>()
    });
    table.add_rows(rows);
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// A member of a JSON object as a person reads it; nothing where it is not there.
pub(crate) fn member(value: &Value, path: &str) -> String {
    match value.pointer(path) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(yes)) => if *yes { "yes" } else { "no" }.to_owned(),
        Some(Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(|item| member(item, "")).collect();
            items.join(",")
        }
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{table, visible};

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        let rows = vec![vec!["\u{1b}[2J\u{7}a".to_owned(), "\u{9b}31m".to_owned()]];
        let table = table(&["a", "b"], rows);
        assert!(!table.contains(|letter: char| letter.is_control() && letter != '\n'));
        assert!(
            table.contains(r"\u{1b}[2J\u{7}a") && table.contains(r"\u{9b}31m"),
            "{table}"
        );
        assert_eq!(visible("a\tb\nc\u{1b}]0;x"), "a\tb\nc\\u{1b}]0;x");
    }
}
