//! Ids are unique.

use super::context::Context;
use super::problem::Problem;
use std::collections::HashMap;

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let mut first: HashMap<&str, &str> = HashMap::new();
    for node in &context.tree.nodes {
        let id = node.step.id.as_str();
        let path = format!("{}.id", node.path);
        if !context.is_known(&path) {
            continue;
        }
        if let Some(other) = first.get(id) {
            problems.push(
                Problem::error(
                    path,
                    "duplicate_id",
                    format!("the id `{id}` is already taken by {other}"),
                )
                .hint("give each step an id of its own: the run log names steps by it")
                .step(Some(id)),
            );
        } else {
            first.insert(id, &node.path);
        }
    }
}
