//! Steps that wait for a letter: how long, and whether anybody can write it.

use super::context::Context;
use super::nearest::suggest;
use super::problem::Problem;
use super::turn_names::Turns;
use crate::document::{Delay, StepKind};
use crate::machine::LONGEST_WAIT;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let asked = asked(context, problems);
    for node in &context.tree.nodes {
        let timeout = match &node.step.kind {
            StepKind::WaitForCallback(wait) => {
                if !asked.contains(node.step.id.as_str()) {
                    problems.push(unasked(&node.path, &node.step.id));
                }
                wait.timeout
            }
            StepKind::CallWorkflow(call) => call.timeout,
            _ => continue,
        };
        let path = format!("{}.timeout", node.path);
        problems.extend(wrong(timeout, path).map(|problem| problem.step(Some(&node.step.id))));
    }
}

fn wrong(timeout: Delay, path: String) -> Option<Problem> {
    let span = timeout.duration();
    if span.is_positive() && span <= LONGEST_WAIT {
        return None;
    }
    let message = format!("`{timeout}` is no time that a run may wait");
    Some(Problem::error(path, "out_of_range", message).hint("wait for 1 second to 366 days"))
}

/// The steps whose resume URLs are asked for; a problem for each that does not wait for one.
fn asked<'a>(context: &'a Context<'_>, problems: &mut Vec<Problem>) -> BTreeSet<&'a str> {
    let nodes = context.tree.nodes.iter().enumerate();
    let waiting = nodes.filter(|(_, node)| matches!(node.step.kind, StepKind::WaitForCallback(_)));
    let waiting: BTreeMap<&str, usize> = waiting
        .map(|(index, node)| (node.step.id.as_str(), index))
        .collect();
    let turns = Turns::of(context);
    let mut asked = BTreeSet::new();
    for script in context.compiled {
        for id in &script.settings.callbacks {
            asked.insert(id.as_str());
            if !context.paths_known {
                continue;
            }
            let (message, hint) = match waiting.get(id.as_str()) {
                None => unknown(id, &waiting),
                Some(step) => match turns.out_of_reach(script, *step) {
                    None => continue,
                    Some(each) => out_of_reach(id, each),
                },
            };
            problems.push(
                Problem::error(script.place.path.clone(), "unknown_callback", message)
                    .hint(hint)
                    .step(script.place.step.as_deref()),
            );
        }
    }
    asked
}

fn unknown(id: &str, waiting: &BTreeMap<&str, usize>) -> (String, String) {
    let known: Vec<&str> = waiting.keys().copied().collect();
    let hint = if known.is_empty() {
        "add a `wait_for_callback` step with this id".to_owned()
    } else {
        suggest(id, &known)
    };
    let message = format!("there is no `wait_for_callback` step `{id}`");
    (message, hint)
}

fn out_of_reach(id: &str, each: &str) -> (String, String) {
    let message = format!(
        "`{id}` waits in the turns of `{each}`, each of which has a URL of its own, and this script is in none of them"
    );
    let hint = format!("ask for the URL in `do` of `{each}`");
    (message, hint)
}

fn unasked(path: &str, id: &str) -> Problem {
    let message = format!("no script asks for the resume URL of `{id}`, so nobody can call it");
    Problem::warning(path, "no_callback_url", message)
        .hint(format!(
            "hand `{{{{ callbackUrl(\"{id}\") }}}}` to whoever shall call it, for instance in an `http_request`"
        ))
        .step(Some(id))
}
