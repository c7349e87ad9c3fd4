//! What a run writes into its journal, and what it finds there.

use jiff::{SignedDuration, Timestamp};
use shared::limits::JOURNAL_BODY;
use shared::v1::journal::Fact;
use shared::v1::reply::Outcome;
use workflow::machine::{self, Effect, Event, Machine};

use super::Driver;
use crate::fence::Fence;
use crate::journal::{Journal, Lost};

/// By how much the clocks of two machines may differ.
const APART: SignedDuration = SignedDuration::from_secs(60);

impl Driver<'_> {
    /// Whether the run has entries in a journal.
    pub(crate) fn has_journal(&self) -> bool {
        let journal = self.journal.as_ref();
        journal.is_some_and(|journal| !journal.ledger().is_empty())
    }

    /// What tells whether the run is still this runner's; none where it has no journal.
    pub(super) fn fence(&self) -> Option<Fence> {
        self.journal.as_ref().map(Journal::fence)
    }

    /// An earlier attempt was told this.
    pub(crate) fn hear_again(&mut self, event: &Event) {
        self.hide_link(event);
        self.hear(event);
    }

    /// An earlier attempt did this: it is not done again.
    pub(crate) fn recall(&mut self, effect: &Effect) {
        self.recorder.effect(effect);
        self.note_link(effect);
        match effect {
            Effect::Reply(reply) => {
                self.replied = true;
                self.keep_reply(reply);
                self.outbox.pass_answer(reply);
            }
            Effect::ReplyRefused => self.refused = true,
            Effect::Frame(_) if ops::planted("frames-again") => {}
            Effect::Frame(_) => self.outbox.pass_frame(),
            Effect::StepFinished { spot, outcome, .. } => self.keep_failure(*spot, outcome),
            _ => {}
        }
    }

    /// Notes that the run is put aside.
    pub(crate) fn put_aside(&mut self, why: &str) {
        self.recorder.dead(why);
    }

    /// Whether all was kept that callers were promised. Another attempt says it again.
    pub(super) fn kept(&self) -> Result<(), Lost> {
        if self.journal.is_some() && self.outbox.lost() {
            return Err(Lost::Unkept);
        }
        Ok(())
    }

    /// Writes something about the run itself, where it has entries in a journal.
    pub(super) async fn mark(&mut self, fact: Fact, steps: u64) -> Result<(), Lost> {
        let now = self.runner.now();
        match &mut self.journal {
            Some(journal) if !journal.ledger().is_empty() => {
                Box::pin(journal.write(fact, &[], now, steps)).await
            }
            _ => Ok(()),
        }
    }

    /// Notes how the run ended, where it has entries in a journal.
    pub(super) async fn mark_end(&mut self, outcome: Outcome, steps: u64) -> Result<(), Lost> {
        let now = self.runner.now();
        match &mut self.journal {
            Some(journal) if !journal.ledger().is_empty() => {
                Box::pin(journal.end(outcome, now, steps)).await
            }
            _ => Ok(()),
        }
    }

    /// The moment that an asynchronous run waits for, where that is long and there is nothing else to do.
    pub(super) fn long_wait(&self, machine: &Machine) -> Option<Timestamp> {
        let idle = !machine.has_work()
            && self.ended.is_empty()
            && self.calls.len() == self.moments.len()
            && !self.hold.cancel.is_cancelled();
        if self.journal.is_none() || !idle {
            return None;
        }
        if !self.waits.rest() {
            return None;
        }
        let moments = self.moments.values().copied().min();
        let first = moments.into_iter().chain(self.waits.first()).min()?;
        let left = first.duration_since(self.runner.now());
        let long = SignedDuration::from_secs(i64::from(self.runner.config.park_after_seconds));
        // One that was let go on by another clock is not sent back for what the two differ by.
        let apart = if self.request.resumed {
            APART
        } else {
            SignedDuration::ZERO
        };
        (left >= long + apart).then_some(first)
    }

    /// Writes that the run has begun before the first thing that can be seen outside.
    pub(super) async fn begin(&mut self, effect: &Effect, steps: u64) -> Result<(), Lost> {
        match &mut self.journal {
            Some(journal) if journal.ledger().must_begin(effect) => {
                // Apart, since runs without a journal are not to carry its weight.
                Box::pin(journal.write(Fact::Begun, &[], self.started, steps)).await
            }
            _ => Ok(()),
        }
    }

    /// Writes an event down before the machine hears of it.
    pub(super) async fn note(
        &mut self,
        event: Event,
        now: Timestamp,
        steps: u64,
    ) -> Result<Event, Lost> {
        let Some(journal) = &mut self.journal else {
            return Ok(event);
        };
        if journal.fence().is_lost() {
            return Err(Lost::Outdated);
        }
        // A run that did nothing yet starts anew as well as it goes on.
        if !journal.ledger().begun() {
            return Ok(event);
        }
        let event = bounded(event);
        let (fact, body) = machine::fact(&self.plan, &event);
        Box::pin(journal.write(fact, &body, now, steps)).await?;
        Ok(event)
    }
}

/// What comes of a step that another runner does. The journal takes it no more.
pub(super) const TAKEN_OVER: &str = "another attempt took the run over";

/// Whether a run is still this runner's. One without a journal is nobody else's.
pub(super) async fn holds(fence: Option<Fence>) -> bool {
    match fence {
        Some(fence) => fence.holds().await,
        None => true,
    }
}

/// A response that no journal takes is none.
fn bounded(event: Event) -> Event {
    match event {
        Event::HttpDone {
            step,
            result: Ok(response),
        } if response.size() > JOURNAL_BODY => {
            let error = format!(
                "the response is larger than an asynchronous run can keep: {} bytes of {JOURNAL_BODY}",
                response.size()
            );
            let result = Err(error);
            Event::HttpDone { step, result }
        }
        event => event,
    }
}
