//! What a check of meaning may look at.

use super::Options;
use super::compile::Compiled;
use super::holes::Holes;
use super::place::Place;
use super::script_field::ScriptField;
use super::structure::Structure;
use super::tree::{Node, Tree};
use crate::document::{Document, Listener, ReturnType, RunMode};
use std::collections::HashMap;

/// A document under judgement.
pub(super) struct Context<'a> {
    pub(super) document: &'a Document,
    pub(super) tree: Tree<'a>,
    pub(super) scripts: &'a [ScriptField],
    /// What the scripts that compile read.
    pub(super) compiled: &'a [Compiled],
    pub(super) options: Options,
    /// Whether every step has a known type, so that whole paths can be judged.
    pub(super) paths_known: bool,
    holes: &'a Holes,
    /// The index of each step by its path.
    steps: HashMap<String, usize>,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        document: &'a Document,
        structure: &'a Structure,
        compiled: &'a [Compiled],
        options: Options,
    ) -> Self {
        let tree = Tree::new(document);
        let steps = tree.nodes.iter().enumerate();
        let steps = steps.map(|(index, node)| (node.path.clone(), index));
        Self {
            document,
            steps: steps.collect(),
            tree,
            scripts: &structure.scripts,
            compiled,
            options,
            paths_known: !structure.unknown_steps,
            holes: &structure.holes,
        }
    }

    /// Whether the place holds what its author wrote, and no stand-in.
    pub(super) fn is_known(&self, path: &str) -> bool {
        !self.holes.cover(path)
    }

    /// The index of the innermost step around a place.
    pub(super) fn index_around(&self, place: &Place) -> Option<usize> {
        self.steps.get(place.step_path()?).copied()
    }

    /// The innermost step around a place.
    pub(super) fn step_around(&self, place: &Place) -> Option<&Node<'a>> {
        self.tree.nodes.get(self.index_around(place)?)
    }

    /// The listener, where there is one.
    pub(super) fn listener(&self) -> Option<&'a Listener> {
        self.document.spec.listener.as_ref()
    }

    /// What the caller gets, where that is certain.
    pub(super) fn return_type(&self) -> Option<ReturnType> {
        let listener = self.listener()?;
        self.is_known("spec.listener.return_type")
            .then_some(listener.reply.return_type)
    }

    /// Whether the caller waits, where that is certain.
    pub(super) fn run_mode(&self) -> Option<RunMode> {
        self.is_known("spec.run_mode")
            .then_some(self.document.spec.run_mode)
    }
}
