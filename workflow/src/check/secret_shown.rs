//! Secrets that can reach a reply or the run log.

use super::context::Context;
use super::problem::Problem;
use super::script_field::ScriptField;
use crate::document::StepKind;
use std::collections::BTreeSet;

/// Functions that turn a secret into something that may be seen.
const SEALING: &[&str] = &["hashHmac(", "encrypt(", "jwtEncode(", "signUrl("];

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let stored = stored(context);
    for field in context.scripts.iter().filter(|field| shows(context, field)) {
        let holder = stored.iter().find(|name| {
            let path = format!("__data.{name}");
            context.compiled.iter().any(|script| {
                script.place == field.place && script.reads.iter().any(|read| under(read, &path))
            })
        });
        let message = match holder {
            Some(name) => format!("`__data.{name}` holds a secret, which is shown here"),
            None if uses_secret(&field.text) => "a secret is shown here".to_owned(),
            None => continue,
        };
        problems.push(
            Problem::warning(field.place.path.clone(), "secret_shown", message)
                .hint("a caller or a reader of the run log would see it: leave it out")
                .step(field.place.step.as_deref()),
        );
    }
}

/// The names of values that were made of a secret.
fn stored<'a>(context: &'a Context<'_>) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for node in &context.tree.nodes {
        if let StepKind::StoreValue(store) = &node.step.kind {
            let value = format!("{}.value", node.path);
            let mut fields = context.scripts.iter();
            if fields.any(|field| under(&field.place.path, &value) && uses_secret(&field.text)) {
                names.insert(store.name.as_str());
            }
        }
    }
    names
}

/// Whether the rendered text is seen by a caller or in the run log.
fn shows(context: &Context<'_>, field: &ScriptField) -> bool {
    let path = field.place.path.as_str();
    if path.starts_with("spec.listener.return_") {
        return true;
    }
    let around = |node: &&super::tree::Node<'_>| under(path, &node.path);
    let step = context.tree.nodes.iter().filter(around);
    step.max_by_key(|node| node.path.len())
        .is_some_and(|node| match node.step.kind {
            StepKind::Respond(_) | StepKind::SseFrame(_) | StepKind::Log(_) | StepKind::Stop(_) => {
                true
            }
            StepKind::Condition(_)
            | StepKind::Switch(_)
            | StepKind::StoreValue(_)
            | StepKind::HttpRequest(_) => false,
        })
}

/// Whether the text prints a secret as it is.
fn uses_secret(text: &str) -> bool {
    let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    squeezed.contains("secret(") && !SEALING.iter().any(|function| squeezed.contains(function))
}

/// Whether the path is the other one or lies below it.
fn under(path: &str, other: &str) -> bool {
    path.strip_prefix(other)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::uses_secret;

    #[test]
    fn what_a_secret_signs_may_be_seen() {
        assert!(uses_secret("{{ secret (\"K\") }}"));
        assert!(!uses_secret("{{ hashHmac(__data.__body, secret(\"K\")) }}"));
        assert!(!uses_secret("{{ __data.secret }}"));
    }
}
