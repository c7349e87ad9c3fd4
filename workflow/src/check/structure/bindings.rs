//! The rules that bind the fields of an object together.

use super::super::place::Place;
use super::Walk;
use crate::catalogue::{Object, Rule};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

impl Walk {
    /// Applies the object's rules. A misspelt field counts as there: it was reported already.
    pub(super) fn bindings(
        &mut self,
        object: &Object,
        map: &Map<String, Value>,
        misspelt: &BTreeSet<&'static str>,
        repaired: &mut Map<String, Value>,
        place: &Place,
    ) {
        let there = |name: &str| map.contains_key(name) || misspelt.contains(name);
        for rule in object.rules {
            match rule {
                Rule::ExactlyOne(names) => {
                    let present: Vec<&str> = names.iter().copied().filter(|n| there(n)).collect();
                    let one_typed = names.iter().filter(|n| repaired.contains_key(**n)).count();
                    if present.len() == 1 && one_typed == 1 {
                        continue;
                    }
                    if present.len() != 1 {
                        self.not_one(names, &present, place);
                    }
                    stand_in(object, names, repaired);
                    self.hole(place);
                    return;
                }
                Rule::AtMostOne(names) => {
                    let present: Vec<&str> = names.iter().copied().filter(|n| there(n)).collect();
                    if present.len() > 1 {
                        self.not_one(names, &present, place);
                        present.iter().skip(1).for_each(|name| {
                            repaired.remove(*name);
                        });
                    }
                }
                Rule::When {
                    field,
                    is,
                    requires,
                    refuses,
                } => {
                    let word = map.get(*field).and_then(Value::as_str);
                    if let Some(word) = word.filter(|word| is.contains(word)) {
                        let reason = format!("`{field}` is `{word}`");
                        self.require(object, requires, &there, &reason, place);
                        self.refuse(refuses, map, repaired, &reason, place);
                    }
                }
                Rule::With {
                    field,
                    requires,
                    refuses,
                } => {
                    if there(field) {
                        let reason = format!("`{field}` is given");
                        self.require(object, requires, &there, &reason, place);
                        self.refuse(refuses, map, repaired, &reason, place);
                    }
                }
            }
        }
    }

    fn not_one(&mut self, names: &[&str], present: &[&str], place: &Place) {
        let (message, code) = if present.is_empty() {
            (
                format!("one of `{}` is missing", names.join("`, `")),
                "required",
            )
        } else {
            let given = present.join("` and `");
            (format!("`{given}` cannot stand together"), "conflict")
        };
        let hint = format!("write one of `{}`", names.join("`, `"));
        self.report(place, code, message, hint);
    }

    fn require(
        &mut self,
        object: &Object,
        names: &[&str],
        there: &dyn Fn(&str) -> bool,
        reason: &str,
        place: &Place,
    ) {
        for name in names.iter().filter(|name| !there(name)) {
            let at = place.field(name);
            let message = format!("`{name}` is missing where {reason}");
            let hint = match object.field(name) {
                Some(field) => format!("{} Expected {}.", field.about, field.kind.says()),
                None => format!("add `{name}`"),
            };
            self.report(&at, "required", message, hint);
            self.hole(&at);
        }
    }

    fn refuse(
        &mut self,
        names: &[&str],
        map: &Map<String, Value>,
        repaired: &mut Map<String, Value>,
        reason: &str,
        place: &Place,
    ) {
        for name in names.iter().filter(|name| map.contains_key(**name)) {
            let at = place.field(name);
            let message = format!("`{name}` cannot stand where {reason}");
            self.report(&at, "conflict", message, format!("remove `{name}`"));
            self.hole(&at);
            repaired.remove(*name);
        }
    }
}

/// Leaves exactly one of the fields: the first that is there, else a stand-in for the first.
fn stand_in(object: &Object, names: &[&str], repaired: &mut Map<String, Value>) {
    let kept = names.iter().find(|name| repaired.contains_key(**name));
    if let Some(kept) = kept.copied() {
        for name in names.iter().filter(|name| **name != kept) {
            repaired.remove(*name);
        }
    } else if let Some(field) = names.first().and_then(|name| object.field(name)) {
        repaired.insert(field.name.to_owned(), field.kind.placeholder());
    }
}
