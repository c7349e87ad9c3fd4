//! A runner's try at the run.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use shared::ids::{InstanceId, RunId};
use shared::v1::journal::Fact;
use shared::v1::reply::Outcome;
use uuid::Uuid;

use super::fault::Fault;
use super::world::{Outside, STEP};
use crate::data::Data;
use crate::machine::{Effect, Errand, Event, Ledger, Machine, Plan, Replay, RunFacts, Spot, fact};
use crate::template::Surroundings;

/// How an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Paused,
    /// Crashed, or refused as outdated.
    Dead,
    /// It found that the run has ended, and acknowledges the job.
    Told,
    /// It came to the end, and acknowledges the job.
    Over(Outcome),
}

pub(super) struct Attempt {
    pub(super) number: u32,
    pub(super) state: State,
    pub(super) me: InstanceId,
    plan: Arc<Plan>,
    machine: Machine,
    started: Timestamp,
    ledger: Ledger,
    /// How many entries the journal has as far as this attempt knows.
    last: usize,
    queue: VecDeque<Effect>,
    pub(super) calls: Vec<Spot>,
    timers: Vec<(Spot, Timestamp)>,
    errands: Vec<(Spot, Errand)>,
    waits: Vec<(Spot, String, Timestamp)>,
    frames: u32,
    fault: Option<Fault>,
}

impl Attempt {
    /// The first delivery reads no journal; any other does, and takes the run over.
    pub(super) fn begin(
        number: u32,
        plan: &Arc<Plan>,
        outside: &mut Outside,
        fault: Option<Fault>,
    ) -> Result<Self, String> {
        let entries = if number == 0 || fault == Some(Fault::NothingRead) {
            Vec::new()
        } else {
            outside.journal.clone()
        };
        let last = if entries.is_empty() {
            0
        } else {
            outside.last()
        };
        let (ledger, past) = Ledger::read(plan, entries).map_err(|error| error.to_string())?;
        let ended = past.ended;
        let now = outside.now();
        let started = match past.started {
            Some(_) if fault == Some(Fault::TimeOfItsOwn) => now,
            started => started.unwrap_or(now),
        };
        let run_id = RunId(Uuid::from_u128(1));
        let facts = RunFacts {
            run_id,
            surroundings: Surroundings::new(started, 7),
            hurried: false,
            called: false,
        };
        let data = Data::from_fields(&serde_json::json!({}));
        let mut replay = Replay::begin(Arc::clone(plan), data, facts);
        let mut frames = 0;
        for told in past.told {
            let done = replay.tell(told).map_err(|error| error.to_string())?;
            frames += done
                .iter()
                .map(|effect| u32::from(matches!(effect, Effect::Frame(_))))
                .sum::<u32>();
        }
        let (machine, due) = replay.end();
        let mut attempt = Self {
            number,
            state: State::Running,
            me: InstanceId(Uuid::from_u128(u128::from(outside.instance()))),
            plan: Arc::clone(plan),
            machine,
            started,
            ledger,
            last,
            queue: due.into(),
            calls: Vec::new(),
            timers: Vec::new(),
            errands: Vec::new(),
            waits: Vec::new(),
            frames,
            fault,
        };
        if ended {
            attempt.state = State::Told;
        } else if number > 0 && fault != Some(Fault::NotTakenOver) {
            let taken = Fact::Taken { attempt: number };
            attempt.write(taken, Bytes::new(), now, outside);
        }
        Ok(attempt)
    }

    /// One thing that cannot be cut in two.
    pub(super) fn step(&mut self, outside: &mut Outside) {
        if let Some(effect) = self.queue.front() {
            if self.ledger.must_begin(effect) && self.fault != Some(Fault::BeginningNotWritten) {
                let started = self.started;
                self.write(Fact::Begun, Bytes::new(), started, outside);
                return;
            }
            if let Some(effect) = self.queue.pop_front() {
                self.perform(effect, outside);
            }
        } else if self.machine.has_work() && !outside.dice.one_in(40) {
            self.queue = self.machine.go_on().into();
        } else if self.ledger.begun() && outside.dice.one_in(60) {
            self.hand_in(Event::Cancel, outside);
        } else if self.machine.has_work() {
            self.queue = self.machine.go_on().into();
        } else if !self.errands.is_empty() {
            let place = outside.dice.place(self.errands.len());
            let (step, errand) = self.errands.swap_remove(place);
            let answer = Ok(outside.remember(&errand));
            // The runner may die between the two.
            if outside.dice.one_in(STEP) {
                self.state = State::Dead;
                return;
            }
            self.hand_in(Event::Answer { step, answer }, outside);
        } else if !self.waits.is_empty() && outside.dice.one_in(2) {
            self.see_to_letters(outside);
        } else if !self.timers.is_empty() && (self.calls.is_empty() || outside.dice.one_in(2)) {
            let place = outside.dice.place(self.timers.len());
            let (step, at) = self.timers.swap_remove(place);
            outside.wait_until(at);
            self.hand_in(Event::Due { step }, outside);
        } else if !self.calls.is_empty() {
            let place = outside.dice.place(self.calls.len());
            let step = self.calls.swap_remove(place);
            let result = outside.answer(step);
            self.hand_in(Event::HttpDone { step, result }, outside);
        }
    }

    /// The places that letters are waited for at.
    pub(super) fn awaited(&self) -> impl Iterator<Item = &str> {
        self.waits.iter().map(|(_, place, _)| place.as_str())
    }

    /// Looks for a letter; where there is none for long enough, the wait ends.
    fn see_to_letters(&mut self, outside: &mut Outside) {
        let at = outside.dice.place(self.waits.len());
        let Some((step, place, until)) = self.waits.get(at).cloned() else {
            return;
        };
        if let Some(letter) = outside.letter(&place) {
            self.waits.swap_remove(at);
            let event = match letter {
                Some(answer) => Event::Answer {
                    step,
                    answer: Ok(answer),
                },
                None => Event::Due { step },
            };
            return self.hand_in(event, outside);
        }
        if !outside.dice.one_in(3) {
            return;
        }
        outside.wait_until(until);
        if self.fault != Some(Fault::WaitNotClosed) && !outside.close(&place) {
            return;
        }
        // The runner may die between the two.
        if outside.dice.one_in(STEP) {
            self.state = State::Dead;
            return;
        }
        self.waits.swap_remove(at);
        self.hand_in(Event::Due { step }, outside);
    }

    fn perform(&mut self, effect: Effect, outside: &mut Outside) {
        match effect {
            Effect::Http { step, request } => {
                self.calls.push(step);
                outside.call(step, &request);
            }
            Effect::Ask { step, errand } => self.errands.push((step, errand)),
            Effect::Await {
                step, place, until, ..
            } => self.waits.push((step, place, until)),
            Effect::Wake { step, at } => self.timers.push((step, at)),
            Effect::Reply(reply) => outside.replies.push(reply),
            Effect::Frame(frame) => {
                outside.frames.push((self.frames, frame));
                self.frames += 1;
            }
            Effect::Finished(outcome) => {
                if !self.ledger.is_empty() && self.fault != Some(Fault::EndNotWritten) {
                    let now = outside.now();
                    self.write(Fact::Ended, Bytes::new(), now, outside);
                }
                if self.state == State::Running {
                    self.state = State::Over(outcome);
                }
            }
            _ => {}
        }
    }

    fn hand_in(&mut self, event: Event, outside: &mut Outside) {
        let now = outside.now();
        let (mut fact, body) = fact(&self.plan, &event);
        if self.fault == Some(Fault::TurnNotWritten) {
            forget_turn(&mut fact);
        }
        if self.fault != Some(Fault::ResultNotWritten) {
            self.write(fact, body, now, outside);
        }
        if self.state != State::Running {
            if let Event::HttpDone { step, .. } = event {
                self.calls.push(step);
            }
            return;
        }
        // The runner may die between the two.
        if outside.dice.one_in(STEP) {
            self.state = State::Dead;
            return;
        }
        self.queue = self.machine.handle(event, now).into();
    }

    fn write(&mut self, fact: Fact, body: Bytes, at: Timestamp, outside: &mut Outside) {
        let overtaken = outside.last() != self.last;
        if overtaken && self.fault != Some(Fault::NoFence) {
            self.state = State::Dead;
            return;
        }
        let mut entry = self.ledger.entry(fact, at, self.machine.begun(), self.me);
        if overtaken {
            // Without a fence the store would number it behind the others.
            entry.seq = u32::try_from(outside.journal.len()).unwrap();
        }
        self.ledger.wrote(&entry);
        outside.journal.push((entry, body));
        self.last = outside.last();
    }
}

/// Leaves the step's id alone.
fn forget_turn(fact: &mut Fact) {
    if let Fact::Answered { step, .. }
    | Fact::Unanswered { step, .. }
    | Fact::Returned { step, .. }
    | Fact::Due { step } = fact
        && let Some(place) = step.find('[')
    {
        step.truncate(place);
    }
}
