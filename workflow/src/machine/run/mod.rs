//! One run.

mod ending;
mod letters;
mod steps;
mod turns;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use script::{Question, Undefined, Value};
use shared::ids::RunId;
use shared::v1::reply::Outcome;

use super::effect::{Effect, Evaluated, Event, HttpRequest, Level, StepIndex, StepOutcome};
use super::plan::{Node, Plan};
use super::spot::{Spot, Turn};
use crate::data::Data;
use crate::reply::HeaderNote;
use crate::template::{Made, Surroundings, mix};
use turns::{Frame, Loop};

/// How many steps are carried out in one go, so that a run of thousands leaves room for its
/// neighbours and for the driver's own duties.
const STEPS_AT_ONCE: usize = 32;

/// What a run is given besides its plan and its data.
#[derive(Clone, Debug)]
pub struct RunFacts {
    /// The run.
    pub run_id: RunId,
    /// Time, randomness, variables, secrets and bounds.
    pub surroundings: Surroundings,
    /// Whether waits are over at once: what the run waits for is of the past.
    pub hurried: bool,
    /// Whether another run waits for what this one replies.
    pub called: bool,
}

/// One run of a plan. It does nothing by itself: see [`Effect`] for what it asks of its driver.
#[derive(Debug)]
pub struct Machine {
    plan: Arc<Plan>,
    data: Data,
    facts: RunFacts,
    /// What there is to do; the last one is next.
    work: Vec<Work>,
    /// How much of that was done.
    begun: u64,
    /// Steps that wait for an event.
    waiting: BTreeMap<Spot, Wait>,
    /// `for_each` steps that have begun, and their turns that go on.
    loops: BTreeMap<Spot, Loop>,
    frames: BTreeMap<Spot, Frame>,
    /// How many turns there were, or will be.
    turns: usize,
    /// What the listener's own reply has asked so far, and when it began to.
    reply_answers: Vec<(Question, Value)>,
    reply_began: Option<Began>,
    /// How the run ends once its reply is made.
    concluding: Option<Outcome>,
    replied: bool,
    /// Whether the final frame was sent.
    closed: bool,
    failed: bool,
    finished: Option<Outcome>,
    effects: Vec<Effect>,
}

/// Something to do that needs nothing from outside.
#[derive(Clone, Copy, Debug)]
enum Work {
    /// A step begins.
    Step(Spot),
    /// The next turn of a `for_each` begins, if there is room for it.
    BeginTurn(Spot),
    /// The steps of a turn have ended.
    EndTurn(Spot),
}

/// What a step waits for.
#[derive(Debug)]
enum Wait {
    /// The time at which it begins.
    Begin,
    /// The answer to its request.
    Answer {
        /// The request, where it may be made again.
        request: Option<HttpRequest>,
        /// How often it was made.
        made: u32,
    },
    /// The answer to a question of its scripts.
    Told {
        question: Question,
        /// Those that it has.
        answers: Vec<(Question, Value)>,
        /// What it began with: its scripts are evaluated again at the same time and see the same.
        began: Began,
    },
    /// What comes of its errand.
    Errand {
        /// The name under `__data` for it.
        result: Option<String>,
    },
    /// That the run which it calls has been started.
    Started,
    /// Its letter.
    Letter,
    /// The time at which its request is made again.
    Again {
        /// The request.
        request: HttpRequest,
        /// How often it was made.
        made: u32,
    },
}

/// What the scripts of a step see, however often they are evaluated.
#[derive(Clone, Debug)]
struct Began {
    at: Timestamp,
    data: Data,
}

impl Machine {
    /// Starts a run. Every root begins at once.
    #[must_use]
    pub fn start(plan: Arc<Plan>, data: Data, facts: RunFacts) -> (Self, Vec<Effect>) {
        let roots = plan.roots.clone();
        let mut machine = Self::new(plan, data, facts);
        machine.push(Turn::ROOT, roots);
        let effects = machine.work(STEPS_AT_ONCE);
        (machine, effects)
    }

    fn new(plan: Arc<Plan>, data: Data, facts: RunFacts) -> Self {
        Self {
            plan,
            data,
            facts,
            work: Vec::new(),
            begun: 0,
            waiting: BTreeMap::new(),
            loops: BTreeMap::new(),
            frames: BTreeMap::new(),
            turns: 0,
            reply_answers: Vec::new(),
            reply_began: None,
            concluding: None,
            replied: false,
            closed: false,
            failed: false,
            finished: None,
            effects: Vec::new(),
        }
    }

    /// A run that was stopped before it began.
    #[must_use]
    pub fn never_begun(plan: Arc<Plan>, data: Data, facts: RunFacts) -> (Self, Vec<Effect>) {
        let mut machine = Self::new(plan, data, facts);
        machine.finish(Outcome::Cancelled);
        let effects = std::mem::take(&mut machine.effects);
        (machine, effects)
    }

    /// Takes an event from outside, at the time `now`, which scripts read until the next one comes. An event that the
    /// machine does not wait for, such as a result that came twice or after the end, changes nothing.
    #[must_use]
    pub fn handle(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        if self.finished.is_some() {
            return Vec::new();
        }
        match event {
            Event::Cancel => self.finish(Outcome::Cancelled),
            Event::HttpDone { step, result } => {
                if !matches!(self.waiting.get(&step), Some(Wait::Answer { .. })) {
                    return Vec::new();
                }
                self.facts.surroundings.now = now;
                self.http_done(step, result);
            }
            Event::Answer { step, answer } => {
                if !matches!(
                    self.waiting.get(&step),
                    Some(Wait::Told { .. } | Wait::Errand { .. } | Wait::Started | Wait::Letter)
                ) {
                    return Vec::new();
                }
                self.facts.surroundings.now = now;
                self.answered(step, answer);
            }
            Event::Due { step } => {
                if !matches!(
                    self.waiting.get(&step),
                    Some(Wait::Begin | Wait::Again { .. } | Wait::Letter)
                ) {
                    return Vec::new();
                }
                self.facts.surroundings.now = now;
                self.due(step);
            }
        }
        self.work(STEPS_AT_ONCE)
    }

    /// Goes on with what [`Machine::has_work`] tells of. Time stands still meanwhile, so that what a run does depends on
    /// nothing but what it was told.
    #[must_use]
    pub fn go_on(&mut self) -> Vec<Effect> {
        self.go_on_by(STEPS_AT_ONCE)
    }

    /// The same with so many steps at most.
    pub(super) fn go_on_by(&mut self, steps: usize) -> Vec<Effect> {
        if self.finished.is_some() {
            return Vec::new();
        }
        self.work(steps)
    }

    /// How many steps have begun, the beginnings and ends of turns included.
    #[must_use]
    pub const fn begun(&self) -> u64 {
        self.begun
    }

    /// Whether a result of this step is waited for.
    #[must_use]
    pub fn waits_for(&self, step: Spot) -> bool {
        self.waiting.contains_key(&step)
    }

    /// What it is a run of.
    #[cfg(test)]
    pub(in crate::machine) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The run's data as it stands.
    #[must_use]
    pub const fn data(&self) -> &Data {
        &self.data
    }

    /// How the run ended; none while it goes on.
    #[must_use]
    pub const fn outcome(&self) -> Option<Outcome> {
        self.finished
    }

    /// Whether the run has replied.
    #[must_use]
    pub const fn replied(&self) -> bool {
        self.replied
    }

    /// Whether steps wait that need nothing from outside: the driver calls [`Machine::go_on`] for them
    /// once it has performed the effects so far, and hands in no event before they are done.
    #[must_use]
    pub const fn has_work(&self) -> bool {
        self.finished.is_none() && !self.work.is_empty()
    }

    /// Carries out some of the work there is, up to what somebody outside waits for, and hands out
    /// the effects.
    fn work(&mut self, steps: usize) -> Vec<Effect> {
        for _ in 0..steps {
            let Some(work) = self.work.pop() else { break };
            self.begun = self.begun.saturating_add(1);
            match work {
                Work::Step(step) => self.begin(step),
                Work::BeginTurn(each) => self.begin_turn(each),
                Work::EndTurn(turn) => self.end_turn(turn),
            }
            let awaited = |effect: &Effect| matches!(effect, Effect::Reply(_) | Effect::Frame(_));
            if self.effects.iter().any(awaited) {
                break;
            }
        }
        if self.finished.is_none() && self.work.is_empty() && self.waiting.is_empty() {
            let outcome = if self.failed {
                Outcome::Failed
            } else {
                Outcome::Succeeded
            };
            self.conclude(self.concluding.unwrap_or(outcome));
        }
        std::mem::take(&mut self.effects)
    }

    /// Lets steps begin, the first of them next.
    fn push(&mut self, turn: Turn, steps: Range<StepIndex>) {
        let spots = steps.map(|step| Work::Step(Spot { step, turn }));
        self.work.extend(spots.rev());
    }

    /// The surroundings of one spot, or of the reply, with a seed of its own: a run that is replayed draws the same values
    /// in whatever order results come.
    fn surroundings(&self, spot: Option<Spot>) -> Surroundings {
        let mut surroundings = self.facts.surroundings.clone();
        let number = spot.map_or(0, |spot| spot.number().wrapping_add(1));
        surroundings.seed = mix(surroundings.seed, number);
        surroundings
    }

    fn log(&mut self, spot: Option<Spot>, level: Level, message: String) {
        self.effects.push(Effect::Log {
            step: spot.map(|spot| self.plan.name(spot)),
            level,
            message,
        });
    }

    /// Tells the run log what a step's scripts made.
    fn tell(&mut self, spot: Spot, node: &Node, made: Made) {
        if self.facts.surroundings.recorded {
            self.effects.push(Effect::Evaluated(Box::new(Evaluated {
                spot,
                step: node.id.clone(),
                kind: node.kind.word(),
                input: made.input,
                output: made.output,
            })));
        }
    }

    fn note_headers(&mut self, spot: Option<Spot>, notes: Vec<HeaderNote>) {
        for note in notes {
            self.log(spot, Level::Warn, note.to_string());
        }
    }

    fn note_undefined(&mut self, spot: Option<Spot>, undefined: &[Undefined]) {
        let mut known = BTreeSet::new();
        let mut names: Vec<String> = Vec::new();
        let mut places = Vec::new();
        for value in undefined {
            if known.insert(&value.path) {
                names.push(value.path.clone());
                places.push((value.line, value.column));
            }
        }
        if !names.is_empty() {
            self.effects.push(Effect::Undefined {
                step: spot.map(|spot| self.plan.name(spot)),
                names,
                places,
            });
        }
    }

    fn step_finished(&mut self, spot: Spot, node: &Node, outcome: StepOutcome) {
        self.effects.push(Effect::StepFinished {
            spot,
            step: node.id.clone(),
            outcome,
        });
    }
}
