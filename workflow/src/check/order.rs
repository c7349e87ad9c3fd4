//! Problems are reported in the order in which an author meets them.

use super::place::Place;
use super::problem::Problem;
use serde_json::Value;
use std::collections::HashMap;

/// Sorts errors before warnings, and each by its place in the document.
pub(super) fn sort(problems: &mut [Problem], document: &Value) {
    let mut positions = HashMap::new();
    number(document, &Place::default(), &mut positions);
    problems.sort_by_cached_key(|problem| (problem.severity, position(&problem.path, &positions)));
}

fn number(value: &Value, place: &Place, positions: &mut HashMap<String, usize>) {
    positions.insert(place.path.clone(), positions.len());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                number(item, &place.item(index), positions);
            }
        }
        Value::Object(map) => {
            for (name, item) in map {
                number(item, &place.field(name), positions);
            }
        }
        _ => {}
    }
}

/// The position of the place, or of what is nearest around it where it is missing.
fn position(path: &str, positions: &HashMap<String, usize>) -> usize {
    let mut part = path;
    loop {
        if let Some(position) = positions.get(part) {
            return *position;
        }
        match part.rfind(['.', '[']) {
            Some(end) => part = part.split_at(end).0,
            None => return 0,
        }
    }
}
