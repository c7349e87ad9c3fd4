//! Secrets that can reach a reply or the run log.

use super::context::Context;
use super::data_names::data_name;
use super::problem::Problem;
use super::script_field::ScriptField;
use crate::document::StepKind;
use std::collections::{HashMap, HashSet};

/// Functions that turn a secret into something that may be seen.
const SEALING: &[&str] = &["hashHmac(", "encrypt(", "jwtEncode(", "signUrl("];

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let stored = stored(context);
    let compiled = context.compiled.iter();
    let reads: HashMap<&str, &[String]> = compiled
        .map(|script| (script.place.path.as_str(), script.reads.as_slice()))
        .collect();
    for field in context.scripts.iter().filter(|field| shows(context, field)) {
        let reads = reads.get(field.place.path.as_str()).copied();
        let names = reads.unwrap_or_default().iter();
        let names = names.filter_map(|read| data_name(read).map(|(name, _)| name));
        let message = match names.filter(|name| stored.contains(name)).min() {
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
fn stored<'a>(context: &'a Context<'_>) -> HashSet<&'a str> {
    let fields = context.scripts.iter();
    let names = fields.filter_map(|field| {
        let (holder, name) = match &context.step_around(&field.place)?.step.kind {
            StepKind::StoreValue(store) => ("value", store.name.as_str()),
            StepKind::ForEach(each) => ("collect", each.result.as_deref()?),
            _ => return None,
        };
        let holds = field.place.within_step() == Some(holder);
        (holds && uses_secret(&field.text)).then_some(name)
    });
    names.collect()
}

/// Whether the rendered text is seen by a caller or in the run log.
fn shows(context: &Context<'_>, field: &ScriptField) -> bool {
    if field.place.path.starts_with("spec.listener.return_") {
        return true;
    }
    context
        .step_around(&field.place)
        .is_some_and(|node| match node.step.kind {
            StepKind::Respond(_) | StepKind::SseFrame(_) | StepKind::Log(_) | StepKind::Stop(_) => {
                true
            }
            StepKind::Condition(_)
            | StepKind::Switch(_)
            | StepKind::StoreValue(_)
            | StepKind::SetMemory(_)
            | StepKind::PushToWorkflow(_)
            | StepKind::CallWorkflow(_)
            | StepKind::WaitForCallback(_)
            | StepKind::PublishMessage(_)
            | StepKind::HttpRequest(_)
            | StepKind::ForEach(_) => false,
        })
}

/// Whether the text prints a secret as it is.
fn uses_secret(text: &str) -> bool {
    if !text.contains("secret") {
        return false;
    }
    let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    squeezed.contains("secret(") && !SEALING.iter().any(|function| squeezed.contains(function))
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
