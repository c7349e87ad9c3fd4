//! Ways through a `continue` workflow on which the caller is answered twice.

use super::context::Context;
use super::problem::Problem;
use super::tree::Tree;
use crate::document::{Branch, ReturnType, StepKind};

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    if context.return_type() != Some(ReturnType::Continue) {
        return;
    }
    let tree = &context.tree;
    let nodes = tree.nodes.iter().enumerate();
    let responds: Vec<usize> = nodes
        .filter(|(_, node)| matches!(node.step.kind, StepKind::Respond(_)))
        .map(|(index, _)| index)
        .collect();
    for (number, second) in responds.iter().enumerate() {
        let mut earlier = responds.iter().take(number);
        let Some(first) = earlier.find(|first| both_run(tree, **first, *second)) else {
            continue;
        };
        let (Some(one), Some(two)) = (tree.nodes.get(*first), tree.nodes.get(*second)) else {
            continue;
        };
        let message = format!(
            "the path `{}` replies twice: `{}` may have answered already, and a second answer is \
             ignored",
            tree.route(*second),
            one.step.id,
        );
        problems.push(
            Problem::warning(two.path.clone(), "replies_twice", message)
                .hint("keep one `respond` on each path; parallel steps share one caller")
                .step(Some(&two.step.id)),
        );
    }
}

/// Whether one run can carry out both steps with success.
fn both_run(tree: &Tree<'_>, first: usize, second: usize) -> bool {
    let up_first = tree.up(first);
    let shared = tree.up(second).into_iter().find_map(|(index, way)| {
        let meeting = up_first.iter().find(|(other, _)| *other == index);
        meeting.map(|(_, other_way)| (way, *other_way))
    });
    match shared {
        // Two trees of roots run at the same time.
        None => true,
        // One stands below the other: both succeed only where the upper one's success leads down.
        Some((None, way) | (way, None)) => way != Some(Branch::OnFailure),
        // A run takes one way on from each step.
        Some((one, other)) => one == other,
    }
}
