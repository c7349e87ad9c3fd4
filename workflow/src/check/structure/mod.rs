//! The structural check: does each field stand where it may, and hold what it may? It goes on past
//! every mistake, and puts a stand-in where something is wrong, so that the rest can be judged too.

mod bindings;
mod object;
mod value;

use super::holes::Holes;
use super::place::Place;
use super::problem::Problem;
use super::script_field::ScriptField;
use crate::catalogue::DOCUMENT;
use regex::Regex;
use serde_json::Value;
use std::collections::HashMap;

/// What the structural check found.
pub(super) struct Structure {
    /// Everything that is wrong.
    pub(super) problems: Vec<Problem>,
    /// The document with a stand-in for whatever is wrong: it reads as a typed document.
    pub(super) repaired: Value,
    /// Every text that may hold scripts.
    pub(super) scripts: Vec<ScriptField>,
    /// The places of the stand-ins: nothing may be concluded from them.
    pub(super) holes: Holes,
    /// How many steps there are.
    pub(super) steps: usize,
    /// Whether some step has no known type, so that nothing can be said about whole paths.
    pub(super) unknown_steps: bool,
}

/// Checks the structure of a whole document.
pub(super) fn examine(value: &Value) -> Structure {
    let mut walk = Walk {
        found: Structure {
            problems: Vec::new(),
            repaired: Value::Null,
            scripts: Vec::new(),
            holes: Holes::default(),
            steps: 0,
            unknown_steps: false,
        },
        patterns: HashMap::new(),
    };
    let place = Place::default();
    walk.found.repaired = match value {
        Value::Object(map) => walk.object(&DOCUMENT, map, &place, None),
        _ => walk.wrong(&crate::catalogue::Kind::Object(&DOCUMENT), value, &place),
    };
    walk.found
}

struct Walk {
    found: Structure,
    patterns: HashMap<&'static str, Option<Regex>>,
}

impl Walk {
    fn report(&mut self, place: &Place, code: &'static str, message: String, hint: String) {
        let problem = Problem::error(place.path.clone(), code, message)
            .hint(hint)
            .step(place.step.as_deref());
        self.found.problems.push(problem);
    }

    fn hole(&mut self, place: &Place) {
        self.found.holes.insert(&place.path);
    }

    fn fits(&mut self, regex: &'static str, text: &str) -> bool {
        let compiled = self
            .patterns
            .entry(regex)
            .or_insert_with(|| Regex::new(regex).ok());
        compiled.as_ref().is_none_or(|regex| regex.is_match(text))
    }
}
