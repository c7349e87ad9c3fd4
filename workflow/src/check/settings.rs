//! Where secrets and variables may stand, and how many.

use super::compile::Compiled;
use super::context::Context;
use super::problem::Problem;
use crate::document::RunMode;
use shared::limits::MAX_SETTINGS_USED;
use shared::v1::settings::{SettingKind, SettingUses};
use std::collections::BTreeMap;

const ORIGINS: &str = "spec.listener.cors_domains";

/// The secrets and variables that a document uses.
#[derive(Default)]
pub(super) struct Uses {
    /// All but those of the endpoint's key and secrets.
    pub(super) all: SettingUses,
    /// Those of its origins.
    pub(super) origins: SettingUses,
    /// Where each of the secrets is named first.
    pub(super) secret_places: BTreeMap<String, String>,
}

impl Uses {
    pub(super) fn of(compiled: &[Compiled]) -> Self {
        let mut uses = Self::default();
        for script in compiled.iter().filter(|script| !script.sensitive) {
            let named = SettingUses {
                secrets: script.settings.secrets.clone(),
                variables: script.settings.variables.clone(),
            };
            for name in &named.secrets {
                let places = &mut uses.secret_places;
                let place = || script.place.path.clone();
                places.entry(name.clone()).or_insert_with(place);
            }
            uses.all.extend(&named);
            if script.place.path == ORIGINS {
                uses.origins.extend(&named);
            }
        }
        uses
    }
}

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    for script in context.compiled {
        let path = script.place.path.as_str();
        let has_secret = !script.settings.secrets.is_empty();
        if has_secret && path == ORIGINS {
            problems.push(
                Problem::error(path, "secret_origin", "an origin is no secret")
                    .hint("every caller sees the origins: use `variable(\"NAME\")`"),
            );
        }
        if has_secret && is_reply(path) && context.run_mode() == Some(RunMode::Async) {
            let message =
                "the reply of an asynchronous endpoint is made without secrets, before the run";
            problems.push(
                Problem::error(path, "secret_in_async_reply", message)
                    .hint("set `run_mode: sync`, or compute in a step what needs the secret"),
            );
        }
        if script.settings.asks && !asks_are_answered(path, context.run_mode()) {
            let message = "shared memory and resume URLs cannot be asked for here";
            problems.push(
                Problem::error(path, "memory_out_of_reach", message)
                    .hint("ask in a step, or set `run_mode: sync` for the reply of the listener"),
            );
        }
        if script.settings.any_variable && !script.request {
            let message = "a variable is named by what a script computes";
            problems.push(
                Problem::error(path, "computed_variable", message)
                    .hint("write the name itself, in quotes: variable(\"NAME\")"),
            );
        }
    }
    let used = Uses::of(context.compiled).all;
    for kind in [SettingKind::Secret, SettingKind::Variable] {
        let count = used.of(kind).len();
        if count > MAX_SETTINGS_USED {
            let word = kind.as_str();
            let message =
                format!("the workflow uses {count} {word}s; {MAX_SETTINGS_USED} are allowed");
            problems.push(
                Problem::error("spec", "too_many_settings", message).hint("split the workflow"),
            );
        }
    }
}

/// Whether whoever evaluates the script can ask shared memory: a run, when a step is at work or its reply is made.
fn asks_are_answered(path: &str, run_mode: Option<RunMode>) -> bool {
    if is_reply(path) {
        return run_mode != Some(RunMode::Async);
    }
    path.starts_with("spec.steps") && !path.ends_with(".when.at")
}

/// Whether the script makes a part of the listener's own reply.
fn is_reply(path: &str) -> bool {
    path.starts_with("spec.listener.return_")
}
