//! The language as an author sees it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail loudly, also outside of its test function"
)]

mod arrows;
mod bounds;
mod crypto;
mod errors;
mod escaping;
mod fixtures;
mod functions;
mod printing;
mod syntax;
mod twig;

use std::collections::HashMap;
use std::sync::Arc;

use script::{
    Bounds, CompileError, EvalError, Rendered, Scope, ScriptId, Scripts, ScriptsBuilder, Target,
    json_to_value,
};
use serde_json::Value as Json;

/// A scope with this `__data`, at 2024-01-31 10:20:30 UTC, with seed 7.
fn scope(data: &Json) -> Scope {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Scope::new(
        json_to_value(data),
        "2024-01-31T10:20:30Z".parse().unwrap(),
        7,
    )
    .with_variables(Arc::new(HashMap::from([pair("REGION", "eu")])))
    .with_secrets(Arc::new([pair("KEY", "s3cret")].into_iter().collect()))
}

fn compile(source: &str, target: Target) -> Result<(Scripts, ScriptId), CompileError> {
    let mut builder = ScriptsBuilder::new();
    let id = builder.add(source, target)?;
    Ok((builder.build(), id))
}

fn rendered(source: &str, target: Target, data: &Json) -> Result<Rendered, EvalError> {
    let (scripts, id) = compile(source, target).unwrap_or_else(|error| panic!("{source}: {error}"));
    scripts.render(id, &scope(data), &Bounds::default())
}

/// The text that a script renders.
fn render(source: &str, target: Target, data: &Json) -> String {
    rendered(source, target, data)
        .unwrap_or_else(|error| panic!("{source}: {error}"))
        .text
}

/// The plain text of a script without data.
fn text(source: &str) -> String {
    render(source, Target::Text, &Json::Null)
}

/// Checks scripts and their plain text over one `__data`.
fn check(data: &Json, cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(render(source, Target::Text, data), *expected, "{source}");
    }
}
