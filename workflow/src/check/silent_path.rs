//! Ways through a `continue` workflow on which nobody answers the caller.

use super::context::Context;
use super::problem::Problem;
use super::tree::{Node, Tree, leg};
use crate::document::{Branch, Outcome, ReturnType, StepKind};

/// The most ways that are reported.
const MOST: usize = 8;

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let tree = &context.tree;
    let responds = |node: &Node<'_>| matches!(node.step.kind, StepKind::Respond(_));
    // Without any `respond` at all there is an error already.
    if context.return_type() != Some(ReturnType::Continue)
        || !context.paths_known
        || !tree.nodes.iter().any(responds)
    {
        return;
    }
    for way in parallel(tree, &tree.roots, "spec.steps") {
        let message = format!(
            "the path {} never replies: its caller gets an empty 204",
            way.route
        );
        problems.push(
            Problem::warning(way.end, "never_replies", message)
                .hint("add a `respond` step there, or a `stop` with `outcome: failure`")
                .step(way.step.as_deref()),
        );
    }
}

/// A way on which nobody replies.
#[derive(Clone)]
struct Way {
    /// In ids.
    route: String,
    /// The path where it ends.
    end: String,
    /// The last step.
    step: Option<String>,
}

/// The silent ways through steps that run at the same time: all of them must be silent.
fn parallel(tree: &Tree<'_>, steps: &[usize], path: &str) -> Vec<Way> {
    let mut together = vec![Way {
        route: String::new(),
        end: path.to_owned(),
        step: None,
    }];
    for index in steps {
        let Some(node) = tree.nodes.get(*index) else {
            continue;
        };
        let ways = single(tree, *index, node);
        let mut joined = Vec::new();
        for before in &together {
            for way in &ways {
                if joined.len() < MOST {
                    joined.push(join(before, way));
                }
            }
        }
        together = joined;
    }
    together
}

fn join(before: &Way, way: &Way) -> Way {
    if before.route.is_empty() {
        return way.clone();
    }
    Way {
        route: format!("{} beside {}", before.route, way.route),
        ..way.clone()
    }
}

/// The silent ways through one step and what is below it.
fn single(tree: &Tree<'_>, index: usize, node: &Node<'_>) -> Vec<Way> {
    match &node.step.kind {
        // A failed run is answered with a 500.
        StepKind::Stop(stop) if stop.outcome == Outcome::Failure => return Vec::new(),
        StepKind::Stop(_) => {
            return vec![Way {
                route: format!("`{}`", node.step.id),
                end: node.path.clone(),
                step: Some(node.step.id.clone()),
            }];
        }
        _ => {}
    }
    // Of a reply in the turns of a `for_each` there is a word of its own.
    let replies = matches!(node.step.kind, StepKind::Respond(_)) || replies_in_turns(tree, index);
    let mut ways = Vec::new();
    for (branch, below) in &node.ways {
        let taken = match branch {
            Branch::Do => false,
            Branch::Then => !replies,
            // Without steps of its own a failure fails the run, which is a 500.
            Branch::OnFailure => !below.is_empty() && !node.step.continue_on_error,
            _ => true,
        };
        if !taken {
            continue;
        }
        let path = format!("{}.{branch}", node.path);
        for way in parallel(tree, below, &path) {
            let here = format!("`{}`", leg(node, Some(*branch)));
            ways.push(if way.route.is_empty() {
                Way {
                    route: here,
                    step: Some(node.step.id.clone()),
                    ..way
                }
            } else {
                Way {
                    route: format!("{here} → {}", way.route),
                    ..way
                }
            });
        }
        if ways.len() >= MOST {
            break;
        }
    }
    ways.truncate(MOST);
    ways
}

/// Whether the turns of a `for_each` reply.
fn replies_in_turns(tree: &Tree<'_>, index: usize) -> bool {
    let responds = |kind: &StepKind| matches!(kind, StepKind::Respond(_));
    tree.first_in_turns(index, responds).is_some()
}
