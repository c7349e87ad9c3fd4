//! The published file must be what the catalogue says.

use super::schema;
use std::path::Path;

#[test]
fn the_committed_schema_is_that_of_the_catalogue() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/workflow.schema.json");
    let mut current = serde_json::to_string_pretty(&schema()).unwrap();
    current.push('\n');
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&file, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == current,
        "docs/workflow.schema.json is stale; rewrite it with \
         `UPDATE_SCHEMA=1 cargo test -p workflow schema`"
    );
}

#[test]
fn the_schema_is_a_valid_draft_07_schema() {
    assert!(jsonschema::draft7::meta::is_valid(&schema()));
}

#[test]
fn every_reference_has_a_definition() {
    let schema = schema();
    let text = schema.to_string();
    for reference in text.split("\"#/definitions/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schema["definitions"][name].is_object(), "{name}");
    }
}
