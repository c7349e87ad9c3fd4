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
    let first_within = tree.first_within(responds);
    for (second, node) in tree.nodes.iter().enumerate() {
        if !responds(&node.step.kind) {
            continue;
        }
        let first = earlier(tree, &first_within, second).and_then(|first| tree.nodes.get(first));
        let Some(first) = first else {
            continue;
        };
        let message = format!(
            "the path `{}` replies twice: `{}` may have answered already, and a second answer is \
             ignored",
            tree.route(second),
            first.step.id,
        );
        problems.push(
            Problem::warning(node.path.clone(), "replies_twice", message)
                .hint("keep one `respond` on each path; parallel steps share one caller")
                .step(Some(&node.step.id)),
        );
    }
}

const fn responds(kind: &StepKind) -> bool {
    matches!(kind, StepKind::Respond(_))
}

/// The first `respond` before this one that one run can carry out together with it: a step above
/// whose success leads here, or a step beside one of those above or below such a step.
fn earlier(tree: &Tree<'_>, first_within: &[Option<usize>], second: usize) -> Option<usize> {
    let beside = |steps: &[usize], here: usize| {
        let mut steps = steps.iter().take_while(|step| **step < here);
        steps.find_map(|step| first_within.get(*step).copied().flatten())
    };
    let up = tree.up(second);
    let mut below: Option<usize> = None;
    let mut found = None;
    for (index, way) in up {
        let (Some(node), Some(here)) = (tree.nodes.get(index), below) else {
            below = Some(index);
            continue;
        };
        let list = node.ways.iter().find(|(branch, _)| Some(*branch) == way);
        let upper = responds(&node.step.kind) && way != Some(Branch::OnFailure);
        let turns = || (way != Some(Branch::Do)).then(|| tree.first_in_turns(index, responds));
        let candidate = if upper {
            Some(index)
        } else {
            let list = list.and_then(|(_, steps)| beside(steps, here));
            turns().flatten().or(list)
        };
        // What stands higher up comes first in the document.
        found = candidate.or(found);
        below = Some(index);
    }
    let root = below?;
    beside(&tree.roots, root).or(found)
}
