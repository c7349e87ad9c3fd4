//! Runs the language against test cases that nobody here wrote, where they lie beside the checkout.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use script::{Bounds, Scope, ScriptsBuilder, Target, Value, json_to_value};

/// How many cases pass; it may only grow.
const PASSED: usize = 45;

#[test]
fn the_share_of_foreign_cases_that_pass_does_not_fall() {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/twig/cases.jsonl");
    let Ok(cases) = std::fs::read_to_string(&path) else {
        println!("shared/fixtures/twig is not beside the checkout: its cases were not run");
        return;
    };
    let mut passed = 0;
    let mut total = 0;
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        total += 1;
        match outcome(&case) {
            Ok(()) => passed += 1,
            Err(why) => println!("{} {}: {why}", case["file"], case["n"]),
        }
    }
    println!("{passed} of {total} foreign cases pass");
    assert!(
        passed >= PASSED.min(total),
        "{passed} of {total} pass, {PASSED} passed before"
    );
}

/// Whether a case renders as expected, or is refused because it asks for what the language does not contain.
fn outcome(case: &serde_json::Value) -> Result<(), String> {
    let source = case["templates"]["index.twig"].as_str().unwrap_or_default();
    let mut builder = ScriptsBuilder::new();
    let id = match builder.add(source, Target::Html) {
        Ok(id) => id,
        Err(error) if error.message.starts_with("the language has no ") => return Ok(()),
        Err(error) => return Err(format!("does not compile: {error}")),
    };
    let names: BTreeMap<String, Value> = case["data"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), json_to_value(value)))
        .collect();
    let now = jiff::Timestamp::UNIX_EPOCH;
    let scope = Scope::new(Value::from(()), now, 1).with_names(Arc::new(names));
    let rendered = builder
        .build()
        .render(id, &scope, &Bounds::default())
        .map_err(|error| error.to_string())?;
    let expected = case["expect"].as_str().unwrap_or_default();
    if rendered.text.trim_end() == expected.trim_end() || rendered.text.trim() == expected.trim() {
        return Ok(());
    }
    Err(format!("gives {:?} instead of {expected:?}", rendered.text))
}
