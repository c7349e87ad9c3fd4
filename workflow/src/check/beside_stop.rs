//! Steps beside a `stop` in one list. A `stop` ends the run as soon as it is reached: no step after
//! it begins, and a request that a step before it has started never brings its answer.

use super::context::Context;
use super::problem::Problem;
use super::tree::Tree;
use crate::document::StepKind;

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let tree = &context.tree;
    let requests = tree.first_within(|kind| {
        matches!(
            kind,
            StepKind::HttpRequest(_)
                | StepKind::SetMemory(_)
                | StepKind::PushToWorkflow(_)
                | StepKind::CallWorkflow(_)
                | StepKind::WaitForCallback(_)
                | StepKind::PublishMessage(_)
        )
    });
    let below = tree.nodes.iter().flat_map(|node| &node.ways);
    let lists = below.map(|(_, steps)| steps);
    for steps in std::iter::once(&tree.roots).chain(lists) {
        list(tree, steps, &requests, problems);
    }
}

fn list(tree: &Tree<'_>, steps: &[usize], requests: &[Option<usize>], problems: &mut Vec<Problem>) {
    let nodes = || steps.iter().filter_map(|step| tree.nodes.get(*step));
    let is_stop = |kind: &StepKind| matches!(kind, StepKind::Stop(_));
    let Some(place) = nodes().position(|node| is_stop(&node.step.kind)) else {
        return;
    };
    let Some(stop) = nodes().nth(place).map(|node| node.step.id.as_str()) else {
        return;
    };
    for (node, step) in nodes().zip(steps).take(place) {
        let request = requests.get(*step).copied().flatten();
        let Some(request) = request.and_then(|request| tree.nodes.get(request)) else {
            continue;
        };
        let request = &request.step.id;
        let message = format!(
            "`{request}` starts a request, and `{stop}` beside it ends the run before the answer is \
             there"
        );
        problems.push(
            Problem::warning(node.path.clone(), "cut_off", message)
                .hint(format!("put `{stop}` into `then` of `{request}`"))
                .step(Some(&node.step.id)),
        );
    }
    for node in nodes().skip(place + 1) {
        let message = format!("`{stop}` before it in the list ends the run, so it never begins");
        problems.push(
            Problem::error(node.path.clone(), "unreachable", message)
                .hint(format!("remove it, or put `{stop}` below it"))
                .step(Some(&node.step.id)),
        );
    }
}
