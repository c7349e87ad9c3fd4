//! What `for_each` does once for every item, and how often that may be.

use super::context::Context;
use super::problem::Problem;
use super::script_field::is_static;
use super::tree::Node;
use crate::document::{Branch, ForEach, ReturnType, StepKind};
use crate::machine::{MOST_ITEMS, MOST_NESTED};
use serde_json::Value;

/// How many turns may go on at the same time, those of one within another multiplied.
const MOST_AT_ONCE: u64 = 100;

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    for (index, node) in context.tree.nodes.iter().enumerate() {
        let around = around(context, index);
        match &node.step.kind {
            StepKind::ForEach(each) => {
                problems.extend(items(each, node));
                problems.extend(nested(each, node, &around));
            }
            StepKind::Respond(_) if context.return_type() == Some(ReturnType::Continue) => {
                problems.extend(around.first().map(|(each, _)| replies(node, each)));
            }
            StepKind::SseFrame(frame) if frame.is_final => {
                problems.extend(around.first().map(|(each, _)| closes(node, each)));
            }
            _ => {}
        }
    }
}

/// The `for_each` steps in whose turns a step is done, the innermost first.
fn around<'a>(context: &'a Context<'_>, index: usize) -> Vec<(&'a str, &'a ForEach)> {
    let up = context.tree.up(index).into_iter();
    let turns = up.filter(|(_, way)| *way == Some(Branch::Do));
    let turns = turns.filter_map(|(at, _)| {
        let step = context.tree.nodes.get(at)?.step;
        match &step.kind {
            StepKind::ForEach(each) => Some((step.id.as_str(), each)),
            _ => None,
        }
    });
    turns.collect()
}

/// A list that stands in the document.
fn items(each: &ForEach, node: &Node<'_>) -> Option<Problem> {
    let (code, message, hint) = match &each.items {
        Value::Array(items) if items.len() > MOST_ITEMS => (
            "range",
            format!(
                "the list has {} items; {MOST_ITEMS} are allowed",
                items.len()
            ),
            "split it, and the step".to_owned(),
        ),
        Value::Array(_) | Value::Object(_) => return None,
        Value::String(text) if !is_static(text) => return None,
        Value::String(name) if !name.contains(char::is_whitespace) => (
            "type",
            "expected a list or a map, got a text".to_owned(),
            format!("did you mean `{{{{ __data.{name} }}}}`?"),
        ),
        _ => (
            "type",
            "expected a list or a map, or a script that yields one".to_owned(),
            "write a list, or such as `{{ __data.orders }}`".to_owned(),
        ),
    };
    let problem = Problem::error(format!("{}.items", node.path), code, message);
    Some(problem.hint(hint).step(Some(&node.step.id)))
}

fn nested(each: &ForEach, node: &Node<'_>, around: &[(&str, &ForEach)]) -> Option<Problem> {
    let outer = around.iter().map(|(_, each)| u64::from(each.concurrency));
    let at_once = outer.fold(u64::from(each.concurrency), u64::saturating_mul);
    let (field, code, message, hint) = if around.len() >= MOST_NESTED {
        let message = format!("more than {MOST_NESTED} `for_each` stand within one another");
        let hint = "make one list of several in a script, or split the workflow";
        ("type", "too_deep", message, hint)
    } else if at_once > MOST_AT_ONCE && !around.is_empty() {
        let message = format!(
            "{at_once} turns may go on at the same time, since that of the `for_each` around it multiplies; \
             {MOST_AT_ONCE} are allowed"
        );
        let hint = "lower the `concurrency` here or there";
        ("concurrency", "range", message, hint)
    } else {
        return None;
    };
    let problem = Problem::error(format!("{}.{field}", node.path), code, message);
    Some(problem.hint(hint).step(Some(&node.step.id)))
}

fn replies(node: &Node<'_>, each: &str) -> Problem {
    let message = format!(
        "each turn of `{each}` comes by this reply: of several the first counts, and of an empty list there is none"
    );
    Problem::warning(node.path.clone(), "replies_in_turns", message)
        .hint(format!(
            "hand values out with `collect` and `result`, and reply in `then` of `{each}`"
        ))
        .step(Some(&node.step.id))
}

fn closes(node: &Node<'_>, each: &str) -> Problem {
    let message =
        format!("the first turn of `{each}` that comes here closes the stream for all the others");
    Problem::warning(format!("{}.final", node.path), "closes_in_turn", message)
        .hint(format!("send the final frame in `then` of `{each}`"))
        .step(Some(&node.step.id))
}
