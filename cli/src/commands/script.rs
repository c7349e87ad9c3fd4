//! `earshot script`: the scripting language, tried out without a platform.

use jiff::Timestamp;
use serde_json::{Value, json};
use workflow::template::Surroundings;
use workflow::trial::{self, Found, Trial, Tried};

use crate::args::{Eval, Output, Script};
use crate::commands::files::text_or_file;
use crate::failure::Failure;
use crate::output;

/// Runs a subcommand.
pub(crate) fn run(script: &Script, form: Output) -> Result<(), Failure> {
    match script {
        Script::Eval(eval) => evaluate(eval, form),
    }
}

/// Shows what a script yields, and on standard error its type, its cost and what it found undefined.
fn evaluate(eval: &Eval, form: Output) -> Result<(), Failure> {
    let data = match &eval.data {
        None => json!({}),
        Some(data) => {
            let text = text_or_file(data)?;
            serde_json::from_str(&text)
                .map_err(|error| Failure::usage(format!("--data is no JSON: {error}")))?
        }
    };
    if !data.is_object() {
        let text = "--data is what the script sees as `__data`, and so a JSON object";
        return Err(Failure::usage(text));
    }
    let trial = Trial {
        template: text_or_file(&eval.template)?,
        place: eval.place.into(),
        data,
    };
    let now = Timestamp::from_millisecond(ops::clock::now_ms()).unwrap_or_default();
    let seed = ops::clock::now_ms().cast_unsigned();
    let tried = trial::run(&trial, &Surroundings::new(now, seed));
    match form {
        Output::Table => show(&tried)?,
        Output::Json | Output::Yaml => output::show(form, &json!(tried), &[], Vec::new())?,
    }
    match &tried.error {
        None => Ok(()),
        Some(fault) => Err(Failure::refused(place(
            &fault.message,
            fault.line,
            fault.column,
            fault.hint.as_deref(),
        ))),
    }
}

fn show(tried: &Tried) -> Result<(), Failure> {
    if tried.error.is_none() {
        match &tried.result {
            Value::String(text) => output::print(text)?,
            value => output::print(&value.to_string())?,
        }
    }
    if let Some(content_type) = tried.content_type {
        output::say(&format!("type: {content_type}"));
    }
    if tried.error.is_none() {
        output::say(&format!("cost: {} fuel", tried.fuel));
    }
    name("undefined", &tried.undefined);
    name("not in __data", &tried.top_level_names);
    Ok(())
}

fn name(what: &str, found: &[Found]) {
    for found in found {
        let (line, column) = (Some(found.line), Some(found.column));
        let told = place(&found.name, line, column, found.hint.as_deref());
        output::say(&format!("{what}: {told}"));
    }
}

fn place(what: &str, line: Option<u32>, column: Option<u32>, hint: Option<&str>) -> String {
    let mut told = String::new();
    if let Some(line) = line {
        told = format!("line {line}, ");
    }
    if let Some(column) = column {
        told = format!("{told}column {column}: ");
    }
    told.push_str(what);
    if let Some(hint) = hint {
        told = format!("{told}; {hint}");
    }
    told
}
