//! The kinds of fields that hold no object of the table.

use crate::catalogue::{HEADER_NAME, Kind, Names, STATUS};
use serde_json::{Value, json};

/// The schema of a kind that holds no object of the table.
pub(super) fn plain(kind: &Kind) -> Value {
    match kind {
        Kind::Text(pattern) => match pattern.regex {
            Some(regex) => json!({"type": "string", "pattern": regex}),
            None => json!({"type": "string", "maxLength": pattern.max}),
        },
        Kind::Script { .. } => json!({"type": "string"}),
        Kind::Integer { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Word { words } => json!({"enum": words}),
        Kind::Value { null: true } => json!({}),
        Kind::Value { null: false } => json!({"not": {"type": "null"}}),
        Kind::Pairs { names, .. } => match names {
            Names::Any => pairs(),
            Names::Headers => {
                let mut schema = pairs();
                if let Value::Object(map) = &mut schema {
                    map.insert("propertyNames".to_owned(), json!({"pattern": HEADER_NAME}));
                }
                schema
            }
        },
        Kind::Labels => {
            json!({"type": "object", "additionalProperties": {"type": "string"}})
        }
        Kind::Plain => json!({"type": "object"}),
        Kind::Status => json!({"anyOf": [
            {"type": "integer", "minimum": 100, "maximum": 599},
            {"type": "string", "pattern": STATUS},
        ]}),
        Kind::Moment => json!({"type": "string", "format": "date-time"}),
        // Made by the caller, which knows the definitions.
        Kind::Object(_) | Kind::List { .. } | Kind::Steps | Kind::SomeSteps => json!({}),
    }
}

fn pairs() -> Value {
    json!({
        "type": "object",
        "additionalProperties": {"type": ["string", "number", "boolean"]},
    })
}
