//! Names that scripts read and nothing writes. A field of the request can have any name, so only
//! three things are certain: names at the top level, names that begin with `__`, and results.

use super::compile::Compiled;
use super::context::Context;
use super::nearest::suggest;
use super::problem::Problem;
use super::tree::Node;
use super::turn_names::Turns;
use crate::document::{ReturnType, RunMode, StepKind};
use std::collections::{BTreeSet, HashMap, HashSet};

/// The platform's own names in `__data`.
const OURS: &[&str] = &[
    "__headers",
    "__jwt",
    "__logged_in_user_id",
    "__logged_in_user_full_name",
    "__body",
    "__body_encoding",
    "__json",
    "__files",
    "__request",
];

/// What `__data.__request` holds.
const REQUEST: &[&str] = &[
    "id",
    "method",
    "path",
    "query",
    "ip",
    "received_at",
    "endpoint_id",
];

/// What it holds where there is no listener.
const TRIGGER: &[&str] = &["id", "source", "received_at", "scheduled_at"];

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let results = Results::of(context);
    let turns = Turns::of(context);
    let request = match context.listener() {
        Some(_) => REQUEST,
        None => TRIGGER,
    };
    for script in context.compiled {
        top_level(script, problems);
        let mut seen = BTreeSet::new();
        for (name, inner) in script.reads.iter().filter_map(|read| data_name(read)) {
            if !seen.insert((name, inner)) {
                continue;
            }
            if name.starts_with("__") {
                problems.extend(our_name(script, &turns, name, inner, request));
            } else {
                let problem = turns.judge(script, name);
                let seen = problem.is_some() || turns.hand_out(script, name);
                problems.extend(problem);
                if !seen {
                    problems.extend(results.judge(context, script, name));
                }
            }
        }
    }
}

/// The name under `__data` that a path reads, and the name within that, empty where there is none.
pub(super) fn data_name(read: &str) -> Option<(&str, &str)> {
    let mut names = read
        .split(['.', '['])
        .map(|name| name.trim_end_matches(']'));
    let data = names.next()?;
    let name = names.next().filter(|name| !name.is_empty())?;
    (data == "__data").then_some((name, names.next().unwrap_or_default()))
}

fn top_level(script: &Compiled, problems: &mut Vec<Problem>) {
    for found in &script.top_level {
        let name = &found.name;
        let message = format!(
            "line {}, column {}: nothing defines `{name}`",
            found.line, found.column
        );
        let hint = if script.request {
            format!("did you mean `__data.{name}`?")
        } else {
            format!("did you mean `variable(\"{name}\")`?")
        };
        problems.push(
            Problem::warning(script.place.path.clone(), "undefined_name", message)
                .hint(hint)
                .step(script.place.step.as_deref()),
        );
    }
}

fn our_name(
    script: &Compiled,
    turns: &Turns<'_>,
    name: &str,
    inner: &str,
    request: &[&str],
) -> Option<Problem> {
    let (read, hint) = if name == "__each" {
        turns.about(script, inner)?
    } else if !OURS.contains(&name) {
        (name.to_owned(), suggest(name, OURS))
    } else if name == "__request" && !inner.is_empty() && !request.contains(&inner) {
        (format!("{name}.{inner}"), suggest(inner, request))
    } else if name == "__headers" && inner.chars().any(char::is_uppercase) {
        let lower = inner.to_lowercase().replace('-', "_");
        let hint = format!("header names are lower case: `__data.__headers.{lower}`");
        (format!("{name}.{inner}"), hint)
    } else {
        return None;
    };
    let message = format!("`__data.{read}` is never there");
    Some(
        Problem::warning(script.place.path.clone(), "undefined_name", message)
            .hint(hint)
            .step(script.place.step.as_deref()),
    )
}

/// What steps write under `__data`.
struct Results<'a> {
    /// The id of the first step that writes this result.
    writers: HashMap<&'a str, &'a str>,
    /// The names of values that the author stores.
    stored: HashSet<&'a str>,
}

impl<'a> Results<'a> {
    fn of(context: &'a Context<'_>) -> Self {
        let mut results = Self {
            writers: HashMap::new(),
            stored: HashSet::new(),
        };
        for node in &context.tree.nodes {
            if let Some(name) = result_of(node) {
                results.writers.entry(name).or_insert(&node.step.id);
            } else if let StepKind::StoreValue(store) = &node.step.kind {
                results.stored.insert(&store.name);
            }
        }
        results
    }

    /// A result is there only below the step that writes it.
    fn judge(&self, context: &Context<'_>, script: &Compiled, name: &str) -> Option<Problem> {
        let writer = self.writers.get(name)?;
        // A value that the author stores under the same name may be the one that is meant.
        if self.stored.contains(name) || !context.paths_known {
            return None;
        }
        let reader = context.index_around(&script.place);
        let seen = match reader {
            Some(reader) => {
                let above = context.tree.up(reader).into_iter().skip(1);
                let mut above = above.filter_map(|(at, _)| context.tree.nodes.get(at));
                above.any(|node| result_of(node) == Some(name))
            }
            // The listener's own reply is rendered after a synchronous run, else before the run.
            None => {
                let rendered_first = !matches!(
                    context.return_type(),
                    None | Some(ReturnType::Continue | ReturnType::Sse)
                );
                !(rendered_first && context.run_mode() == Some(RunMode::Async))
            }
        };
        if seen {
            return None;
        }
        let message = format!(
            "`__data.{name}` is not there yet: `{writer}` writes it, and does not stand above"
        );
        let hint = if reader.is_some() {
            format!("move this step into `then` of `{writer}`")
        } else {
            "set `run_mode: sync`: an asynchronous reply is rendered before the run".to_owned()
        };
        Some(
            Problem::warning(script.place.path.clone(), "not_yet_written", message)
                .hint(hint)
                .step(script.place.step.as_deref()),
        )
    }
}

/// The name under which a request's answer is stored.
pub(super) fn result_of<'a>(node: &Node<'a>) -> Option<&'a str> {
    match &node.step.kind {
        StepKind::HttpRequest(request) => Some(&request.result),
        StepKind::SetMemory(memory) => memory.result.as_deref(),
        StepKind::PushToWorkflow(push) => push.result.as_deref(),
        StepKind::CallWorkflow(call) => Some(&call.result),
        StepKind::WaitForCallback(wait) => Some(&wait.result),
        StepKind::ForEach(each) => each.result.as_deref(),
        _ => None,
    }
}
