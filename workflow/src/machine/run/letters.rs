//! Steps that wait for a letter.

use jiff::Timestamp;
use script::Value;

use super::{Machine, Wait};
use crate::machine::effect::Effect;
use crate::machine::letters::{WaitSpec, failure};
use crate::machine::plan::{Node, NodeKind};
use crate::machine::spot::Spot;

impl Machine {
    /// Lets a step wait for its letter from now on.
    pub(super) fn expect_letter(&mut self, step: Spot, node: &Node) {
        let Some(wait) = wait_of(node) else { return };
        let now: Timestamp = self.facts.surroundings.now;
        let until = now.checked_add(wait.timeout).unwrap_or(now);
        self.waiting.insert(step, Wait::Letter);
        self.effects.push(Effect::Await {
            step,
            place: self.plan.name(step),
            until,
            soon: matches!(node.kind, NodeKind::Call(_)),
        });
    }

    /// The letter has come.
    pub(super) fn letter_came(&mut self, step: Spot, node: &Node, answer: Value) {
        let Some(wait) = wait_of(node) else { return };
        let is_call = matches!(node.kind, NodeKind::Call(_));
        let error = is_call.then(|| failure(&answer)).flatten();
        self.store(step, wait.result.clone(), answer);
        match error {
            None => self.succeed(step, node),
            Some(error) => self.fail(step, node, error),
        }
    }

    /// No letter has come in time.
    pub(super) fn waited_in_vain(&mut self, step: Spot, node: &Node) {
        if let Some(wait) = wait_of(node) {
            self.fail(step, node, wait.in_vain.clone());
        }
    }
}

fn wait_of(node: &Node) -> Option<&WaitSpec> {
    match &node.kind {
        NodeKind::Callback(spec) => Some(&spec.wait),
        NodeKind::Call(spec) => Some(&spec.wait),
        _ => None,
    }
}
