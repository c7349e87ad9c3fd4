//! Timeouts and delays on one path that add up past the caller's deadline.

use super::context::Context;
use super::problem::Problem;
use crate::document::{Branch, Delay, ReturnType, RunMode, Step, StepKind};

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
    let once = if turns(context, index) {
        " with one turn of each `for_each`"
    } else {
        ""
    };
    let message = format!(
        "the timeouts and delays on the path `{}` add up to {seconds} s{once}, but `{name}` is {deadline} s: the \
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

/// Whether a `for_each` is on the line from the root down to this step.
fn turns(context: &Context<'_>, index: usize) -> bool {
    let mut line = context.tree.up(index).into_iter();
    line.any(|(at, _)| {
        let node = context.tree.nodes.get(at);
        node.is_some_and(|node| matches!(node.step.kind, StepKind::ForEach(_)))
    })
}

/// The most seconds that the steps from the root down to this one may wait, as far as that can be told.
fn spent(context: &Context<'_>, index: usize) -> u64 {
    let line = context.tree.up(index);
    let steps = line.iter().filter_map(|(at, way)| {
        let step = context.tree.nodes.get(*at)?.step;
        // What stands in a turn is on the line itself.
        let turn = if *way == Some(Branch::Do) {
            0
        } else {
            turn(step)
        };
        Some(itself(step).saturating_add(turn))
    });
    steps.fold(0, u64::saturating_add)
}

fn itself(step: &Step) -> u64 {
    waits(step).saturating_add(works(&step.kind))
}

/// The most that one turn of a `for_each` may wait: how many there are only a run can tell.
fn turn(step: &Step) -> u64 {
    match &step.kind {
        StepKind::ForEach(each) => longest(&each.steps),
        _ => 0,
    }
}

/// The most that one way through these steps may wait.
fn longest(steps: &[Step]) -> u64 {
    let ways = steps.iter().map(|step| {
        let below = step.branches().into_iter();
        let below = below.filter(|(branch, _)| *branch != Branch::Do);
        let below = below.map(|(_, steps)| longest(steps)).max();
        let spent = itself(step).saturating_add(turn(step));
        spent.saturating_add(below.unwrap_or(0))
    });
    ways.max().unwrap_or(0)
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
