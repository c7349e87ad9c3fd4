//! What cannot be done where nobody waits for the run.

use super::context::Context;
use super::problem::Problem;
use crate::document::{RunMode, Source, StepKind};

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let source = context.document.spec.source;
    if source == Source::Listener || !context.is_known("spec.source") {
        return;
    }
    if context.run_mode() == Some(RunMode::Sync) {
        let message = format!(
            "`run_mode: sync` cannot work with `source: {source}`: nobody waits for the run"
        );
        problems.push(
            Problem::error("spec.run_mode", "nobody_waits", message)
                .hint("remove it: such runs are `async`"),
        );
    }
    for node in &context.tree.nodes {
        let word = match node.step.kind {
            StepKind::Respond(_) => "respond",
            StepKind::SseFrame(_) => "sse_frame",
            _ => continue,
        };
        let message = format!(
            "a `{word}` step cannot work with `source: {source}`: nobody waits for a reply"
        );
        problems.push(
            Problem::error(node.path.clone(), "nobody_waits", message)
                .hint("remove the step, or set `source: listener` and add a listener")
                .step(Some(&node.step.id)),
        );
    }
}
