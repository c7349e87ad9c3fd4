//! The tables of fields in `docs/workflow-reference.md`: made from the catalogue, and held against it.

use std::path::Path;

use script::Target;
use workflow::catalogue::{DOCUMENT, Field, Kind, Names, Object, Rule, STEP_TYPES};

const HEAD: &str = "\
# Fields of a workflow document

This page is made from the catalogue that the check and the JSON Schema are made from. What each part is for, with
examples, stands in [workflows.md](workflows.md); what scripts are, in [scripting.md](scripting.md).

A *script* is a text that may hold `{{ }}` and `{% %}`. The word in brackets is its target, which decides how its values
are [escaped](scripting.md#escaping). A field that is not listed here is refused.
";

#[test]
fn the_committed_reference_is_that_of_the_catalogue() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/workflow-reference.md");
    let current = reference();
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&file, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == current,
        "docs/workflow-reference.md is stale; rewrite it with \
         `UPDATE_REFERENCE=1 cargo test -p workflow --test reference`"
    );
}

#[test]
fn every_object_and_every_step_type_has_its_table() {
    let page = reference();
    for step_type in STEP_TYPES {
        assert!(page.contains(&format!("\n## {}\n", step_type.word)));
    }
    for link in page.split("](#").skip(1) {
        let anchor = link.split(')').next().unwrap();
        assert!(page.contains(&format!("\n## {anchor}\n")), "{anchor}");
    }
}

/// The whole page: the objects from the outermost on, then the step types with theirs.
fn reference() -> String {
    let mut page = Page {
        text: HEAD.to_owned(),
        seen: Vec::new(),
    };
    page.object(&DOCUMENT, None);
    page.steps();
    for step_type in STEP_TYPES {
        page.object(step_type.object, Some(step_type.word));
    }
    page.text
}

struct Page {
    text: String,
    seen: Vec<&'static str>,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// The list of step types, which the lists of steps lead to.
    fn steps(&mut self) {
        let types: Vec<String> = STEP_TYPES
            .iter()
            .map(|step_type| format!("[`{0}`](#{0})", step_type.word))
            .collect();
        self.line("\n## steps\n");
        self.line(&format!(
            "Each step has a `type`, which decides its other fields: {}.",
            types.join(", ")
        ));
    }

    /// One object, and then those that its fields hold, each once.
    fn object(&mut self, object: &'static Object, step_type: Option<&str>) {
        if self.seen.contains(&object.name) {
            return;
        }
        self.seen.push(object.name);
        self.line(&format!("\n## {}\n\n{}\n", object.name, object.about));
        self.line("| field | holds | default | meaning |");
        self.line("| --- | --- | --- | --- |");
        if let Some(word) = step_type {
            self.line(&format!(
                "| `type` | `{word}` | required | What the step does. |"
            ));
        }
        for field in object.fields() {
            self.line(&row(field));
        }
        if !object.rules.is_empty() {
            self.line("");
        }
        for rule in object.rules {
            self.line(&format!("- {}", told(rule)));
        }
        for field in object.fields() {
            if let Some(inner) = object_of(&field.kind) {
                self.object(inner, None);
            }
        }
    }
}

fn row(field: &Field) -> String {
    let default = match field.default {
        _ if field.required => "required".to_owned(),
        Some(json) => format!("`{json}`"),
        None => "–".to_owned(),
    };
    let cells = [
        format!("`{}`", field.name),
        holds(&field.kind),
        default,
        field.about.to_owned(),
    ];
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    format!("| {} |", cells.join(" | "))
}

fn holds(kind: &Kind) -> String {
    match kind {
        Kind::Text(pattern) => pattern.says.to_owned(),
        Kind::Script {
            target, request, ..
        } => {
            let without = if *request {
                ""
            } else {
                ", without request data"
            };
            format!("script ({}){without}", name(*target))
        }
        Kind::Integer { min, max } => format!("whole number from {min} to {max}"),
        Kind::Flag => "`true` or `false`".to_owned(),
        Kind::Word { words, .. } => quoted(words),
        Kind::Value { null: true } => "any value; texts in it are scripts".to_owned(),
        Kind::Value { null: false } => "any value but null; texts in it are scripts".to_owned(),
        Kind::Pairs { names, target } => {
            let names = match names {
                Names::Any => "names",
                Names::Headers => "header names",
            };
            format!("map of {names} to scripts ({})", name(*target))
        }
        Kind::Labels => "map of names to texts".to_owned(),
        Kind::Plain => "map of names to values".to_owned(),
        Kind::Status => "status such as `404`, or class such as `4xx`".to_owned(),
        Kind::Moment => "date and time (RFC 3339)".to_owned(),
        Kind::Object(object) => format!("[{0}](#{0})", object.name),
        Kind::List { of, min: 0 } => format!("list of: {}", holds(of)),
        Kind::List { of, min } => format!("list, at least {min}, of: {}", holds(of)),
        Kind::Steps => "list of [steps](#steps)".to_owned(),
        Kind::SomeSteps => "list of [steps](#steps), one at least".to_owned(),
    }
}

const fn name(target: Target) -> &'static str {
    match target {
        Target::Text => "text",
        Target::Body => "body",
        Target::Html => "HTML",
        Target::Url => "URL",
        Target::Header => "header",
        Target::Value => "value",
    }
}

fn told(rule: &Rule) -> String {
    match rule {
        Rule::ExactlyOne(names) => format!("Exactly one of {} is there.", quoted(names)),
        Rule::AtMostOne(names) => format!("At most one of {} is there.", quoted(names)),
        Rule::When {
            field,
            is,
            requires,
            refuses,
        } => {
            let words = match is {
                [word] => format!("`{word}`"),
                words => format!("one of {}", quoted(words)),
            };
            let then = consequences(requires, refuses);
            format!("Where `{field}` is {words}: {then}.")
        }
        Rule::With {
            field,
            requires,
            refuses,
        } => format!(
            "Where `{field}` is given: {}.",
            consequences(requires, refuses)
        ),
    }
}

fn consequences(requires: &[&str], refuses: &[&str]) -> String {
    let mut parts = Vec::new();
    if !requires.is_empty() {
        parts.push(format!("{} must be there", quoted(requires)));
    }
    if !refuses.is_empty() {
        parts.push(format!("{} must not", quoted(refuses)));
    }
    parts.join("; ")
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// The object that a field holds, itself or in a list.
fn object_of(kind: &Kind) -> Option<&'static Object> {
    match kind {
        Kind::Object(object) => Some(object),
        Kind::List { of, .. } => object_of(of),
        _ => None,
    }
}
