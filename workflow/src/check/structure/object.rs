//! Objects, and the steps among them.

use super::super::nearest::{nearest, suggest};
use super::super::place::Place;
use super::Walk;
use crate::catalogue::{ANY_STEP, Kind, Object, STEP_TYPES, step_type};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

impl Walk {
    /// Checks an object; `given` is the field that chose it, such as a step's `type`.
    pub(super) fn object(
        &mut self,
        object: &Object,
        map: &Map<String, Value>,
        place: &Place,
        given: Option<&str>,
    ) -> Value {
        let mut repaired = Map::new();
        for (name, value) in map {
            if given == Some(name.as_str()) {
                repaired.insert(name.clone(), value.clone());
            } else if let Some(field) = object.field(name) {
                let value = self.value(&field.kind, value, &place.field(name));
                repaired.insert(name.clone(), value);
            }
        }
        let misspelt = self.unknown_fields(object, map, place, given);
        for field in object.fields().filter(|field| field.required) {
            if repaired.contains_key(field.name) {
                continue;
            }
            let at = place.field(field.name);
            if !misspelt.contains(field.name) {
                let message = format!("`{}` is missing", field.name);
                let hint = format!("{} Expected {}.", field.about, field.kind.says());
                self.report(&at, "required", message, hint);
            }
            self.hole(&at);
            repaired.insert(field.name.to_owned(), field.kind.placeholder());
        }
        self.bindings(object, map, &misspelt, &mut repaired, place);
        Value::Object(repaired)
    }

    /// Reports fields that are not of this object; returns the fields that they were meant to be.
    fn unknown_fields(
        &mut self,
        object: &Object,
        map: &Map<String, Value>,
        place: &Place,
        given: Option<&str>,
    ) -> BTreeSet<&'static str> {
        let absent = || {
            let fields = object.fields().map(|field| field.name);
            fields.filter(|name| !map.contains_key(*name))
        };
        let mut misspelt = BTreeSet::new();
        for name in map.keys() {
            if given == Some(name.as_str()) || object.field(name).is_some() {
                continue;
            }
            let at = place.field(name);
            if let Some(refused) = object.refused.iter().find(|refused| refused.name == name) {
                let message = format!("`{name}` cannot stand here");
                self.report(&at, refused.code, message, refused.hint.to_owned());
                continue;
            }
            let hint = match nearest(name, absent()) {
                Some(meant) => {
                    misspelt.insert(meant);
                    format!("did you mean `{meant}`?")
                }
                None => {
                    let known: Vec<&str> = object.fields().map(|field| field.name).collect();
                    format!("known here: {}", known.join(", "))
                }
            };
            let message = format!("`{name}` is no field of {}", title(object));
            self.report(&at, "unknown_field", message, hint);
        }
        misspelt
    }

    /// Checks one step.
    pub(super) fn step(&mut self, value: &Value, place: &Place) -> Value {
        self.found.steps += 1;
        let Value::Object(map) = value else {
            self.found.unknown_steps = true;
            let stand_in = self.wrong(&Kind::Object(&ANY_STEP), value, place);
            return as_log(stand_in);
        };
        let id = map.get("id").and_then(Value::as_str);
        let place = Place::of_step(&place.path, id);
        let known = map.get("type").and_then(Value::as_str).and_then(step_type);
        match known {
            Some(step_type) => self.object(step_type.object, map, &place, Some("type")),
            None => self.step_of_unknown_type(map, &place),
        }
    }

    fn step_of_unknown_type(&mut self, map: &Map<String, Value>, place: &Place) -> Value {
        let words: Vec<&str> = STEP_TYPES.iter().map(|step_type| step_type.word).collect();
        let (at, all) = (place.field("type"), words.join(", "));
        self.found.unknown_steps = true;
        self.hole(&at);
        match map.get("type") {
            None => {
                let message = "`type` is missing".to_owned();
                let hint = format!("say what the step does: {all}");
                self.report(&at, "required", message, hint);
            }
            Some(Value::String(word)) => {
                let message = format!("there is no step of type `{word}`");
                self.report(&at, "unknown_type", message, suggest(word, &words));
            }
            Some(_) => {
                let message = "`type` must be a text".to_owned();
                self.report(&at, "type", message, format!("one of {all}"));
            }
        }
        // Only what every step has can be judged, and the steps within.
        let fields = map
            .iter()
            .filter(|(name, _)| ANY_STEP.field(name).is_some());
        let common: Map<String, Value> = fields.map(|(n, v)| (n.clone(), v.clone())).collect();
        as_log(self.object(&ANY_STEP, &common, place, None))
    }
}

/// Makes a step of unknown type readable: as a line of the log, with the children of an action.
fn as_log(step: Value) -> Value {
    let mut readable = Map::new();
    if let Value::Object(step) = step {
        let kept = ["id", "name", "then", "on_failure", "continue_on_error"];
        let fields = step.into_iter().filter(|(n, _)| kept.contains(&n.as_str()));
        readable.extend(fields);
    }
    readable.insert("type".to_owned(), json!("log"));
    readable.insert("message".to_owned(), json!(""));
    Value::Object(readable)
}

fn title(object: &Object) -> String {
    if object.name == "document" {
        "a workflow".to_owned()
    } else {
        format!("`{}`", object.name)
    }
}
