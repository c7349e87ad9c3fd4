//! How deep a document may nest, so that nothing that walks it runs out of stack.

use super::problem::Problem;
use serde_json::Value;

/// The most levels of lists and objects. A step takes two, or three within a `switch`.
const MAX_DEPTH: usize = 100;

/// Judges the depth before anything else looks at the document.
pub(super) fn judge(value: &Value) -> Option<Problem> {
    let mut level = vec![value];
    for _ in 0..=MAX_DEPTH {
        level = level.into_iter().flat_map(within).collect();
        if level.is_empty() {
            return None;
        }
    }
    let message = format!("the document nests deeper than {MAX_DEPTH} levels");
    Some(Problem::error("", "too_deep", message).hint("split the workflow, or flatten its tree"))
}

fn within(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(map) => map.values().collect(),
        _ => Vec::new(),
    }
}
