//! The end of a run, and the reply before it.

use std::sync::Arc;

use script::Asks;
use shared::v1::reply::Outcome;

use super::{Began, Machine};
use crate::document::RunMode;
use crate::machine::carry::sentence;
use crate::machine::effect::{Effect, Level, StepOutcome};
use crate::machine::plan::Node;
use crate::machine::spot::Spot;
use crate::reply::ReplySpec;
use crate::template::Evaluator;

impl Machine {
    pub(super) fn stop(
        &mut self,
        step: Spot,
        node: &Node,
        outcome: Outcome,
        message: Option<String>,
    ) {
        if let Some(message) = message {
            let level = if outcome == Outcome::Succeeded {
                Level::Info
            } else {
                Level::Error
            };
            self.log(Some(step), level, message);
        }
        self.step_finished(step, node, StepOutcome::Succeeded);
        self.conclude(outcome);
    }

    /// Ends the run, with the listener's own reply before the end where the caller waits for it.
    pub(super) fn conclude(&mut self, outcome: Outcome) {
        let plan = Arc::clone(&self.plan);
        match &plan.reply {
            Some(reply)
                if (plan.run_mode() == RunMode::Sync || self.facts.called)
                    && outcome == Outcome::Succeeded =>
            {
                self.reply(reply, outcome);
            }
            _ => self.finish(outcome),
        }
    }

    /// Makes the listener's own reply, and ends the run; or asks what the reply's scripts want to know.
    pub(super) fn reply(&mut self, reply: &ReplySpec, outcome: Outcome) {
        let plan = Arc::clone(&self.plan);
        let answers = std::mem::take(&mut self.reply_answers);
        let asks = plan.asks.then(|| Asks::new(answers.clone()));
        let mut surroundings = self.surroundings(None);
        let now = Began {
            at: self.facts.surroundings.now,
            data: self.data.clone(),
        };
        let began = self.reply_began.get_or_insert(now).clone();
        surroundings.now = began.at;
        let evaluator = Evaluator::new(&plan.scripts, &surroundings, began.data.scope_value());
        let mut evaluator = evaluator.asking(asks.clone());
        let made = reply.make(&mut evaluator);
        if let Some(question) = asks.as_ref().and_then(Asks::open) {
            self.clear();
            self.concluding = Some(outcome);
            return self.ask(plan.nodes.len().into(), question, answers, began);
        }
        let undefined = evaluator.into_undefined();
        self.note_undefined(None, &undefined);
        match made {
            Ok(made) => {
                self.note_headers(None, made.notes);
                self.replied = true;
                self.effects.push(Effect::Reply(made.reply));
                self.finish(outcome);
            }
            Err(error) => self.refuse_reply(&sentence(error)),
        }
    }

    pub(super) fn refuse_reply(&mut self, error: &str) {
        let message = format!("the reply failed: {error}");
        self.log(None, Level::Error, message);
        self.effects.push(Effect::ReplyRefused);
        self.finish(Outcome::Failed);
    }

    /// Nothing more is done, and nothing waited for.
    fn clear(&mut self) {
        self.work.clear();
        self.waiting.clear();
        self.loops.clear();
        self.frames.clear();
    }

    pub(super) fn finish(&mut self, outcome: Outcome) {
        self.clear();
        self.finished = Some(outcome);
        self.effects.push(Effect::Finished(outcome));
    }
}
