//! `respond` and `sse_frame` stand only where the listener sends what they say.

use super::context::Context;
use super::problem::Problem;
use crate::document::{ReturnType, StepKind};

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let Some(return_type) = context.return_type() else {
        return;
    };
    let (mut responds, mut frames) = (false, false);
    for node in &context.tree.nodes {
        let (own, word) = match node.step.kind {
            StepKind::Respond(_) => {
                responds = true;
                (ReturnType::Continue, "respond")
            }
            StepKind::SseFrame(_) => {
                frames = true;
                (ReturnType::Sse, "sse_frame")
            }
            _ => continue,
        };
        if own != return_type {
            problems.push(
                Problem::error(
                    node.path.clone(),
                    "wrong_reply_step",
                    format!("a `{word}` step cannot work where the listener's `return_type` is `{return_type}`"),
                )
                .hint(format!("set the listener's `return_type: {own}`, or remove the step"))
                .step(Some(&node.step.id)),
            );
        }
    }
    if !context.paths_known {
        return;
    }
    if return_type == ReturnType::Continue && !responds {
        problems.push(
            Problem::error(
                "spec.steps",
                "no_reply",
                "the listener's `return_type` is `continue`, but no step is a `respond`",
            )
            .hint("add a `respond` step, or choose another `return_type`"),
        );
    }
    if return_type == ReturnType::Sse && !frames {
        problems.push(
            Problem::warning(
                "spec.steps",
                "no_reply",
                "the listener's `return_type` is `sse`, but no step is an `sse_frame`",
            )
            .hint("add an `sse_frame` step, or choose another `return_type`"),
        );
    }
}
