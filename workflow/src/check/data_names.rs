//! Names that scripts read and nothing writes. A field of the request can have any name, so only
//! three things are certain: names at the top level, names that begin with `__`, and results.

use super::compile::Compiled;
use super::context::Context;
use super::nearest::suggest;
use super::problem::Problem;
use crate::document::{ReturnType, RunMode, StepKind};
use std::collections::BTreeSet;

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

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    for script in context.compiled {
        top_level(script, problems);
        let mut seen = BTreeSet::new();
        for read in &script.reads {
            let mut names = read
                .split(['.', '['])
                .map(|name| name.trim_end_matches(']'));
            if names.next() != Some("__data") {
                continue;
            }
            let Some(name) = names.next().filter(|name| !name.is_empty()) else {
                continue;
            };
            let inner = names.next().unwrap_or_default();
            if !seen.insert((name.to_owned(), inner.to_owned())) {
                continue;
            }
            if name.starts_with("__") {
                problems.extend(our_name(script, name, inner));
            } else {
                problems.extend(result(context, script, name));
            }
        }
    }
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

fn our_name(script: &Compiled, name: &str, inner: &str) -> Option<Problem> {
    let (read, hint) = if !OURS.contains(&name) {
        (name.to_owned(), suggest(name, OURS))
    } else if name == "__request" && !inner.is_empty() && !REQUEST.contains(&inner) {
        (format!("{name}.{inner}"), suggest(inner, REQUEST))
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

/// A result is there only below the step that writes it.
fn result(context: &Context<'_>, script: &Compiled, name: &str) -> Option<Problem> {
    let tree = &context.tree;
    let writers: Vec<usize> = tree
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| match &node.step.kind {
            StepKind::HttpRequest(request) => request.result == name,
            _ => false,
        })
        .map(|(index, _)| index)
        .collect();
    let first = tree.nodes.get(*writers.first()?)?;
    // A value that the author stores under the same name may be the one that is meant.
    let stored = tree.nodes.iter().any(|node| match &node.step.kind {
        StepKind::StoreValue(store) => store.name == name,
        _ => false,
    });
    if stored || !context.paths_known {
        return None;
    }
    let reader = tree
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| within(&script.place.path, &node.path))
        .max_by_key(|(_, node)| node.path.len());
    let seen = match reader {
        Some((index, _)) => {
            let above = tree.up(index);
            writers
                .iter()
                .any(|writer| above.iter().skip(1).any(|(at, _)| at == writer))
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
    let writer = &first.step.id;
    let message =
        format!("`__data.{name}` is not there yet: `{writer}` writes it, and does not stand above");
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

/// Whether the path lies within the step.
fn within(path: &str, step: &str) -> bool {
    path.strip_prefix(step)
        .is_some_and(|rest| rest.starts_with('.') || rest.starts_with('['))
}
