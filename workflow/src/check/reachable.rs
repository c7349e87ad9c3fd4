//! Steps that no run can reach.

use super::constant::outcome;
use super::context::Context;
use super::problem::Problem;
use super::question::{key, opposite};
use super::tree::Node;
use crate::document::{Condition, StepKind, Switch};
use std::collections::HashMap;

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    for node in &context.tree.nodes {
        match &node.step.kind {
            StepKind::Condition(test) => condition(test, node, problems),
            StepKind::Switch(cases) => switch(cases, node, problems),
            _ if node.step.continue_on_error && !node.step.on_failure.is_empty() => {
                let message = "`continue_on_error` goes on with `then`, so `on_failure` never runs";
                let hint = "remove one of the two";
                problems.push(unreachable(node, "on_failure", message, hint));
            }
            _ => {}
        }
    }
}

fn condition(condition: &Condition, node: &Node<'_>, problems: &mut Vec<Problem>) {
    let hint = "compare a value that a run brings, such as `{{ __data.kind }}`";
    match outcome(&condition.test, None) {
        Some(true) if !condition.no.is_empty() => {
            let message = "the condition always holds, so `no` never runs";
            problems.push(unreachable(node, "no", message, hint));
        }
        Some(false) if !condition.yes.is_empty() => {
            let message = "the condition never holds, so `yes` never runs";
            problems.push(unreachable(node, "yes", message, hint));
        }
        _ => {}
    }
}

fn switch(switch: &Switch, node: &Node<'_>, problems: &mut Vec<Problem>) {
    let hint = "remove it, or change the cases before it";
    let value = switch.value.as_ref();
    // The number of the case from which on no run goes further.
    let mut closed: Option<usize> = None;
    // The first case that asks each question.
    let mut asked: HashMap<String, usize> = HashMap::new();
    for (number, case) in switch.cases.iter().enumerate() {
        let field = format!("cases[{number}]");
        if let Some(closed) = closed {
            let message = format!("the cases up to {closed} leave nothing for this one");
            problems.push(unreachable(node, &field, &message, hint));
            continue;
        }
        let key = key(&case.test);
        if let Some(same) = asked.get(&key) {
            let message = format!("case {same} asks the same and wins");
            problems.push(unreachable(node, &field, &message, hint));
            continue;
        }
        asked.insert(key, number);
        match outcome(&case.test, value) {
            Some(true) => closed = Some(number),
            Some(false) => {
                let message = "this case never holds";
                problems.push(unreachable(node, &field, message, "remove the case"));
            }
            None if opposite(&case.test).is_some_and(|other| asked.contains_key(&other)) => {
                closed = Some(number);
            }
            None => {}
        }
    }
    if let Some(closed) = closed.filter(|_| !switch.default.is_empty()) {
        let message = format!("the cases up to {closed} leave nothing for `default`");
        problems.push(unreachable(node, "default", &message, hint));
    }
}

fn unreachable(node: &Node<'_>, field: &str, message: &str, hint: &str) -> Problem {
    Problem::error(format!("{}.{field}", node.path), "unreachable", message)
        .hint(hint)
        .step(Some(&node.step.id))
}
