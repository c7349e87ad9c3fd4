//! Finds the names that a script gives values to, before it is written.

use std::collections::{BTreeSet, HashSet};

use crate::front::ast::{For, Node};

/// The names that a script gives values to.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// All of them.
    pub(super) given: HashSet<String>,
    /// Those that a `set` inside a loop gives a value to. The engine forgets such values when a turn of the loop ends,
    /// the language keeps them; they live in a store of the run's own.
    pub(super) kept: HashSet<String>,
    /// Whether there is a loop.
    pub(super) repeats: bool,
    /// Whether a loop asks for `loop.parent`.
    pub(super) parents: bool,
}

impl Names {
    pub(super) fn of(nodes: &[Node]) -> Self {
        let mut names = Self::default();
        names.collect(nodes, false);
        names
    }

    fn collect(&mut self, nodes: &[Node], in_loop: bool) {
        for node in nodes {
            match node {
                Node::Set { names, .. } => {
                    for name in names {
                        self.give(&name.name, in_loop);
                    }
                }
                Node::Capture { name, body } => {
                    self.give(&name.name, in_loop);
                    self.collect(body, in_loop);
                }
                Node::If {
                    branches,
                    otherwise,
                } => {
                    for (_, body) in branches {
                        self.collect(body, in_loop);
                    }
                    self.collect(otherwise, in_loop);
                }
                Node::For(repeat) => {
                    self.repeats = true;
                    for name in repeat.targets() {
                        self.given.insert(name.name.clone());
                    }
                    self.collect(&repeat.body, true);
                    self.collect(&repeat.otherwise, true);
                }
                Node::Autoescape { body, .. } | Node::Apply { body, .. } => {
                    self.collect(body, in_loop);
                }
                Node::Text { .. } | Node::Print(_) | Node::Do(_) => {}
            }
        }
    }

    fn give(&mut self, name: &str, in_loop: bool) {
        self.given.insert(name.to_owned());
        if in_loop {
            self.kept.insert(name.to_owned());
        }
    }

    /// The kept names that a loop touches, in a fixed order.
    pub(super) fn touched_by(&self, repeat: &For) -> BTreeSet<String> {
        let mut inside = Self::default();
        inside.collect(&repeat.body, true);
        inside.collect(&repeat.otherwise, true);
        for name in repeat.targets() {
            inside.given.insert(name.name.clone());
        }
        inside.given.intersection(&self.kept).cloned().collect()
    }
}
