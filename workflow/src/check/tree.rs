//! The tree of steps, flattened, with the place of each step.

use crate::document::{Branch, Document, Step, StepKind};

/// One step in the tree.
pub(super) struct Node<'a> {
    pub(super) step: &'a Step,
    /// Such as `spec.steps[2].yes[0]`.
    pub(super) path: String,
    /// The step above and the way from it; none for a root.
    pub(super) parent: Option<(usize, Branch)>,
    /// The steps below, by every way on that the step's type has.
    pub(super) ways: Vec<(Branch, Vec<usize>)>,
}

/// Every step of a document, each before those below it.
pub(super) struct Tree<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) roots: Vec<usize>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        let mut tree = Self {
            nodes: Vec::new(),
            roots: Vec::new(),
        };
        tree.roots = tree.add(&document.spec.steps, "spec.steps", None);
        tree
    }

    fn add(
        &mut self,
        steps: &'a [Step],
        path: &str,
        parent: Option<(usize, Branch)>,
    ) -> Vec<usize> {
        let mut indices = Vec::with_capacity(steps.len());
        for (number, step) in steps.iter().enumerate() {
            let index = self.nodes.len();
            indices.push(index);
            let path = format!("{path}[{number}]");
            self.nodes.push(Node {
                step,
                path: path.clone(),
                parent,
                ways: Vec::new(),
            });
            let mut ways = Vec::new();
            for (branch, below) in step.branches() {
                let path = format!("{path}.{branch}");
                ways.push((branch, self.add(below, &path, Some((index, branch)))));
            }
            if let Some(node) = self.nodes.get_mut(index) {
                node.ways = ways;
            }
        }
        indices
    }

    /// For each step, the first one of a kind among itself and the steps below it.
    pub(super) fn first_within(&self, is_one: impl Fn(&StepKind) -> bool) -> Vec<Option<usize>> {
        let mut first: Vec<Option<usize>> = vec![None; self.nodes.len()];
        // Every step stands before those below it, so that this meets those below first.
        for (index, node) in self.nodes.iter().enumerate().rev() {
            let Some(place) = first.get_mut(index) else {
                continue;
            };
            if is_one(&node.step.kind) {
                *place = Some(index);
            }
            let Some(found) = *place else {
                continue;
            };
            if let Some(above) = node.parent.and_then(|(parent, _)| first.get_mut(parent)) {
                *above = Some(found);
            }
        }
        first
    }

    /// The first step of a kind that is done in the turns of this one.
    pub(super) fn first_in_turns(
        &self,
        index: usize,
        is_one: impl Fn(&StepKind) -> bool,
    ) -> Option<usize> {
        let ways = &self.nodes.get(index)?.ways;
        let (_, steps) = ways.iter().find(|(branch, _)| *branch == Branch::Do)?;
        let mut waiting: Vec<usize> = steps.iter().rev().copied().collect();
        while let Some(index) = waiting.pop() {
            let node = self.nodes.get(index)?;
            if is_one(&node.step.kind) {
                return Some(index);
            }
            let below = node.ways.iter().rev();
            waiting.extend(below.flat_map(|(_, steps)| steps.iter().rev()));
        }
        None
    }

    /// The step itself and then each step above it, every one with the way that leads down from it
    /// to the one before.
    pub(super) fn up(&self, index: usize) -> Vec<(usize, Option<Branch>)> {
        let mut line = vec![(index, None)];
        let mut at = index;
        while let Some((parent, branch)) = self.nodes.get(at).and_then(|node| node.parent) {
            line.push((parent, Some(branch)));
            at = parent;
        }
        line
    }

    /// The way from the root to a step, in ids: `is_push (yes) → answer`.
    pub(super) fn route(&self, index: usize) -> String {
        let mut names: Vec<String> = self
            .up(index)
            .into_iter()
            .filter_map(|(at, way)| self.nodes.get(at).map(|node| leg(node, way)))
            .collect();
        names.reverse();
        names.join(" → ")
    }
}

/// One step of a route, with the way taken from it.
pub(super) fn leg(node: &Node<'_>, way: Option<Branch>) -> String {
    let id = &node.step.id;
    match way {
        None | Some(Branch::Then) => id.clone(),
        Some(Branch::OnFailure) => format!("{id} (fails)"),
        Some(Branch::Case(number)) => format!("{id} (case {number})"),
        Some(way) => format!("{id} ({way})"),
    }
}
