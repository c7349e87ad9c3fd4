//! The JSON Schema (draft-07) of the document, made from the catalogue.

mod kinds;
mod rules;
#[cfg(test)]
mod tests;

use crate::catalogue::{DOCUMENT, Field, Kind, Object, STEP_TYPES, StepType};
use serde_json::{Map, Value, json};

/// The JSON Schema (draft-07) of a workflow document.
#[must_use]
pub fn schema() -> Value {
    let mut definitions = Definitions::default();
    let mut root = definitions.object(&DOCUMENT, None);
    definitions.step();
    if let Value::Object(map) = &mut root {
        let mut whole = Map::new();
        whole.insert(
            "$schema".into(),
            json!("http://json-schema.org/draft-07/schema#"),
        );
        whole.insert("title".into(), json!("Earshot workflow"));
        whole.append(map);
        whole.insert("definitions".into(), Value::Object(definitions.done));
        root = Value::Object(whole);
    }
    root
}

/// The definitions that were made so far; an object refers to another by name.
#[derive(Default)]
struct Definitions {
    done: Map<String, Value>,
}

impl Definitions {
    /// A reference to an object, which is defined on the way.
    fn refer(&mut self, object: &Object) -> Value {
        if !self.done.contains_key(object.name) {
            // Taken before it is filled, so that an object may hold itself.
            self.done.insert(object.name.to_owned(), Value::Null);
            let schema = self.object(object, None);
            self.done.insert(object.name.to_owned(), schema);
        }
        json!({"$ref": format!("#/definitions/{}", object.name)})
    }

    fn object(&mut self, object: &Object, step_type: Option<&StepType>) -> Value {
        let mut properties = Map::new();
        let mut required: Vec<&str> = Vec::new();
        if let Some(step_type) = step_type {
            properties.insert("type".to_owned(), json!({"const": step_type.word}));
            required.push("type");
        }
        for field in object.fields() {
            properties.insert(field.name.to_owned(), self.field(field));
            if field.required {
                required.push(field.name);
            }
        }
        let mut schema = json!({
            "type": "object",
            "description": object.about,
            "properties": properties,
            "additionalProperties": false,
        });
        if let Value::Object(map) = &mut schema {
            if !required.is_empty() {
                map.insert("required".to_owned(), json!(required));
            }
            let rules: Vec<Value> = object.rules.iter().map(rules::rule).collect();
            if !rules.is_empty() {
                map.insert("allOf".to_owned(), Value::Array(rules));
            }
        }
        schema
    }

    fn field(&mut self, field: &Field) -> Value {
        let mut schema = match &field.kind {
            // Draft-07 ignores whatever stands beside a `$ref`.
            Kind::Object(object) => json!({"allOf": [self.refer(object)]}),
            kind => self.kind(kind),
        };
        if let Value::Object(map) = &mut schema {
            map.insert("description".to_owned(), json!(field.about));
            let default = field.default.map(serde_json::from_str::<Value>);
            if let Some(Ok(default)) = default {
                map.insert("default".to_owned(), default);
            }
        }
        schema
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Object(object) => self.refer(object),
            Kind::List { of, min } => {
                json!({"type": "array", "items": self.kind(of), "minItems": min})
            }
            Kind::Steps => json!({"type": "array", "items": {"$ref": "#/definitions/step"}}),
            Kind::SomeSteps => {
                json!({"type": "array", "items": {"$ref": "#/definitions/step"}, "minItems": 1})
            }
            plain => kinds::plain(plain),
        }
    }

    /// A step: its `type` chooses the object.
    fn step(&mut self) {
        let words: Vec<&str> = STEP_TYPES.iter().map(|step_type| step_type.word).collect();
        let mut choices = Vec::new();
        for step_type in STEP_TYPES {
            let schema = self.object(step_type.object, Some(step_type));
            let name = format!("step_{}", step_type.word);
            choices.push(json!({
                "if": {"properties": {"type": {"const": step_type.word}}, "required": ["type"]},
                "then": {"$ref": format!("#/definitions/{name}")},
            }));
            self.done.insert(name, schema);
        }
        let step = json!({
            "type": "object",
            "description": "A step of the tree.",
            "required": ["id", "type"],
            "properties": {"type": {"enum": words, "description": "What the step does."}},
            "allOf": choices,
        });
        self.done.insert("step".to_owned(), step);
    }
}
