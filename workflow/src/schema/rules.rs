//! What binds fields together, in the schema's terms.

use crate::catalogue::Rule;
use serde_json::{Map, Value, json};

/// The schema of a rule, to stand in an `allOf`.
pub(super) fn rule(rule: &Rule) -> Value {
    match rule {
        Rule::ExactlyOne(names) => {
            let choices: Vec<Value> = names.iter().map(|name| there(name)).collect();
            json!({"oneOf": choices})
        }
        Rule::AtMostOne(names) => {
            let mut pairs = Vec::new();
            for (index, first) in names.iter().enumerate() {
                for second in names.iter().skip(index + 1) {
                    pairs.push(json!({"required": [first, second]}));
                }
            }
            json!({"not": {"anyOf": pairs}})
        }
        Rule::When {
            field,
            is,
            requires,
            refuses,
        } => {
            let holds = Map::from_iter([((*field).to_owned(), json!({"enum": is}))]);
            json!({
                "if": {"properties": holds, "required": [field]},
                "then": bound(requires, refuses),
            })
        }
        Rule::With {
            field,
            requires,
            refuses,
        } => json!({"if": there(field), "then": bound(requires, refuses)}),
    }
}

fn there(name: &str) -> Value {
    json!({"required": [name]})
}

fn bound(requires: &[&str], refuses: &[&str]) -> Value {
    let mut schema = Map::new();
    if !requires.is_empty() {
        schema.insert("required".to_owned(), json!(requires));
    }
    if !refuses.is_empty() {
        let refused = refuses
            .iter()
            .map(|name| ((*name).to_owned(), json!(false)));
        schema.insert("properties".to_owned(), Value::Object(refused.collect()));
    }
    Value::Object(schema)
}
