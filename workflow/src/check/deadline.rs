//! Timeouts and delays on one path that add up past the caller's deadline.

use super::context::Context;
use super::problem::Problem;
use crate::document::{Delay, ReturnType, RunMode, Step, StepKind};

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let Some(listener) = context.listener() else {
        return;
    };
    let (Some(return_type), Some(run_mode)) = (context.return_type(), context.run_mode()) else {
        return;
    };
    let continues = return_type == ReturnType::Continue;
    let (deadline, name, consequence) = match run_mode {
        RunMode::Sync if return_type != ReturnType::Sse => {
            (listener.sync_timeout, "sync_timeout", "a 504")
        }
        // An author who names the moment of the hand-over means it.
        RunMode::Async if continues && listener.continue_timeout.is_none() => (
            listener.continue_timeout(),
            "continue_timeout",
            "a 202 and must fetch the reply",
        ),
        _ => return,
    };
    let path = format!("spec.listener.{name}");
    if !context.is_known(&path) {
        return;
    }
    let mut worst: Option<(u64, usize)> = None;
    for (index, node) in context.tree.nodes.iter().enumerate() {
        // In a `continue` workflow the caller is gone after the reply.
        let counts = !continues || matches!(node.step.kind, StepKind::Respond(_));
        let seconds = if counts { spent(context, index) } else { 0 };
        if seconds > worst.map_or(u64::from(deadline), |(most, _)| most) {
            worst = Some((seconds, index));
        }
    }
    let Some((seconds, index)) = worst else {
        return;
    };
    let message = format!(
        "the timeouts and delays on the path `{}` add up to {seconds} s, but `{name}` is {deadline} s: the \
         caller may get {consequence}",
        context.tree.route(index),
    );
    let node = context.tree.nodes.get(index);
    problems.push(
        Problem::warning(
            node.map_or(path, |node| node.path.clone()),
            "deadline",
            message,
        )
        .hint(format!(
            "lower the steps' `timeout` and delays, or set a `{name}` that fits"
        ))
        .step(node.map(|node| node.step.id.as_str())),
    );
}

/// The most seconds that the steps from the root down to this one may wait, as far as that can be told.
fn spent(context: &Context<'_>, index: usize) -> u64 {
    let line = context.tree.up(index);
    let steps = line
        .iter()
        .filter_map(|(at, _)| context.tree.nodes.get(*at));
    steps
        .map(|node| waits(node.step).saturating_add(works(&node.step.kind)))
        .fold(0, u64::saturating_add)
}

fn waits(step: &Step) -> u64 {
    let delay = step.when.as_ref().and_then(|when| when.after);
    delay.map_or(0, seconds)
}

const fn seconds(delay: Delay) -> u64 {
    delay.duration().as_secs().unsigned_abs()
}

fn works(kind: &StepKind) -> u64 {
    let request = match kind {
        StepKind::HttpRequest(request) => request,
        StepKind::WaitForCallback(wait) => return seconds(wait.timeout),
        StepKind::CallWorkflow(call) => return seconds(call.timeout),
        _ => return 0,
    };
    let timeout = u64::from(request.timeout);
    let Some(retry) = &request.retry else {
        return timeout;
    };
    let mut spent = timeout;
    let mut delay = u64::from(retry.delay);
    for _ in 1..retry.attempts {
        let wait = delay.min(u64::from(retry.max_delay));
        spent = spent.saturating_add(wait).saturating_add(timeout);
        delay = delay.saturating_mul(u64::from(retry.factor));
    }
    spent
}
