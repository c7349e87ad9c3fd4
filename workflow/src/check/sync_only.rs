//! Settings about a waiting caller, which an asynchronous run does not have.

use super::context::Context;
use super::problem::Problem;
use crate::document::{OnDisconnect, RunMode};

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let Some(listener) = context.listener() else {
        return;
    };
    if context.run_mode() != Some(RunMode::Async) {
        return;
    }
    // `finish` is what an asynchronous run does anyway.
    let cancels = listener.on_disconnect == OnDisconnect::Cancel;
    let given = [
        (
            "on_disconnect",
            cancels,
            "the run goes on without its caller",
        ),
        (
            "on_runner_lost",
            listener.on_runner_lost.is_some(),
            "the queue hands the run to another runner",
        ),
    ];
    for (name, _, instead) in given.iter().filter(|(_, given, _)| *given) {
        let path = format!("spec.listener.{name}");
        let message = format!("`{name}` has no effect with `run_mode: async`: {instead}");
        problems.push(
            Problem::warning(path, "no_effect", message).hint("set `run_mode: sync`, or remove it"),
        );
    }
}
