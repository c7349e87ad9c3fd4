//! Steps that wait for a letter.

use jiff::Timestamp;
use script::Value;

use super::{Machine, Wait};
use crate::machine::effect::{Effect, Errand};
use crate::machine::letters::{WaitSpec, failure};
use crate::machine::plan::{Node, NodeKind};
use crate::machine::spot::Spot;

/// How many letters a run may wait for at once: a parked run has their keys in a header, and JetStream takes 64 KiB of those.
const MOST_AWAITED: usize = 1_000;

impl Machine {
    /// Has another run started, and its end waited for.
    pub(super) fn call_run(&mut self, step: Spot, node: &Node, errand: Errand) {
        if self.may_wait(step, node) {
            self.waiting.insert(step, Wait::Started);
            self.effects.push(Effect::Ask { step, errand });
        }
    }

    /// Lets a step wait for a letter that nothing has to be done for.
    pub(super) fn begin_wait(&mut self, step: Spot, node: &Node) {
        if self.may_wait(step, node) {
            self.expect_letter(step, node);
        }
    }

    /// Whether there is room for one more that waits; the step fails where not.
    fn may_wait(&mut self, step: Spot, node: &Node) -> bool {
        let waits = self.waiting.values();
        let waits = waits.filter(|wait| matches!(wait, Wait::Started | Wait::Letter));
        let room = waits.count() < MOST_AWAITED;
        if !room {
            let error = format!(
                "{MOST_AWAITED} steps of the run wait for callbacks and other runs already, which is the most"
            );
            self.fail(step, node, error);
        }
        room
    }

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
