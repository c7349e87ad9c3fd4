//! One run.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use script::Undefined;
use shared::ids::RunId;
use shared::v1::reply::Outcome;
use shared::v1::views::ReturnType;

use super::carry::{Done, carry_out, sentence};
use super::effect::{Effect, Evaluated, Event, HttpResponse, Level, StepIndex, StepOutcome};
use super::plan::{Node, NodeKind, Plan};
use crate::data::Data;
use crate::document::RunMode;
use crate::reply::HeaderNote;
use crate::template::{Evaluator, Made, Surroundings, mix};

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
}

/// One run of a plan. It does nothing by itself: see [`Effect`] for what it asks of its driver.
#[derive(Debug)]
pub struct Machine {
    plan: Arc<Plan>,
    data: Data,
    facts: RunFacts,
    /// Steps to begin; the last one is next.
    work: Vec<StepIndex>,
    /// Requests under way.
    outstanding: BTreeSet<StepIndex>,
    replied: bool,
    /// Whether the final frame was sent.
    closed: bool,
    failed: bool,
    finished: Option<Outcome>,
    effects: Vec<Effect>,
}

impl Machine {
    /// Starts a run. Every root begins at once.
    #[must_use]
    pub fn start(plan: Arc<Plan>, data: Data, facts: RunFacts) -> (Self, Vec<Effect>) {
        let roots = plan.roots.clone();
        let mut machine = Self {
            plan,
            data,
            facts,
            work: Vec::new(),
            outstanding: BTreeSet::new(),
            replied: false,
            closed: false,
            failed: false,
            finished: None,
            effects: Vec::new(),
        };
        machine.go_on(roots);
        let effects = machine.work();
        (machine, effects)
    }

    /// Takes an event at the time `now`. An event that the machine does not wait for, such as a
    /// result that came twice or after the end, changes nothing.
    #[must_use]
    pub fn handle(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        if self.finished.is_some() {
            return Vec::new();
        }
        self.facts.surroundings.now = now;
        match event {
            Event::GoOn => {}
            Event::Cancel => self.finish(Outcome::Cancelled),
            Event::HttpDone { step, result } => {
                if !self.outstanding.remove(&step) {
                    return Vec::new();
                }
                self.http_done(step, result);
            }
        }
        self.work()
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

    /// Whether steps wait that need nothing from outside: the driver sends [`Event::GoOn`] for them
    /// once it has performed the effects so far.
    #[must_use]
    pub const fn has_work(&self) -> bool {
        self.finished.is_none() && !self.work.is_empty()
    }

    /// Carries out some of the work there is, up to what somebody outside waits for, and hands out
    /// the effects.
    fn work(&mut self) -> Vec<Effect> {
        for _ in 0..STEPS_AT_ONCE {
            let Some(step) = self.work.pop() else { break };
            self.begin(step);
            let awaited = |effect: &Effect| matches!(effect, Effect::Reply(_) | Effect::Frame(_));
            if self.effects.iter().any(awaited) {
                break;
            }
        }
        if self.finished.is_none() && self.work.is_empty() && self.outstanding.is_empty() {
            self.conclude(if self.failed {
                Outcome::Failed
            } else {
                Outcome::Succeeded
            });
        }
        std::mem::take(&mut self.effects)
    }

    /// Lets steps begin, the first of them next.
    fn go_on(&mut self, steps: Range<StepIndex>) {
        self.work.extend(steps.rev());
    }

    fn begin(&mut self, step: StepIndex) {
        let plan = Arc::clone(&self.plan);
        let Some(node) = plan.nodes.get(step) else {
            return;
        };
        if let Some(reason) = self.ignores(&node.kind) {
            self.tell(step, node, Made::default());
            self.log(Some(node), Level::Warn, reason.to_owned());
            return self.succeed(node);
        }
        let surroundings = self.surroundings(step + 1);
        let mut evaluator = Evaluator::new(&plan.scripts, &surroundings, self.data.scope_value());
        let done = carry_out(node, self.facts.run_id, &mut evaluator);
        let made = evaluator.take_made();
        let undefined = evaluator.into_undefined();
        self.tell(step, node, made);
        self.note_undefined(Some(node), &undefined);
        match done {
            Ok(done) => self.apply(step, node, done),
            Err(error) => self.fail(node, error),
        }
    }

    /// Why a step has nothing to do in this run.
    fn ignores(&self, kind: &NodeKind) -> Option<&'static str> {
        let return_type = self.plan.return_type();
        match kind {
            NodeKind::Respond(_) if return_type != ReturnType::Continue => {
                Some("ignored: only an endpoint with `return_type: continue` replies by a step")
            }
            NodeKind::Respond(_) if self.replied => Some("ignored: the run has replied already"),
            NodeKind::Frame(_) if return_type != ReturnType::Sse => {
                Some("ignored: only an endpoint with `return_type: sse` streams frames")
            }
            NodeKind::Frame(_) if self.closed => Some("ignored: the final frame was sent already"),
            _ => None,
        }
    }

    fn apply(&mut self, step: StepIndex, node: &Node, done: Done) {
        match done {
            Done::Go(children) => {
                self.step_finished(node, StepOutcome::Succeeded);
                return self.go_on(children);
            }
            Done::Request(request, notes) => {
                self.note_headers(Some(node), notes);
                self.outstanding.insert(step);
                self.effects.push(Effect::Http { step, request });
                return;
            }
            Done::Stop(outcome, message) => return self.stop(node, outcome, message),
            Done::Store(name, value) => self.data.set(name, value),
            Done::Log(level, message) => self.log(Some(node), level, message),
            Done::Reply(made) => {
                self.note_headers(Some(node), made.notes);
                self.replied = true;
                self.effects.push(Effect::Reply(made.reply));
            }
            Done::Frame(frame) => {
                self.closed = frame.last;
                self.effects.push(Effect::Frame(frame));
            }
        }
        self.succeed(node);
    }

    fn http_done(&mut self, step: StepIndex, result: Result<HttpResponse, String>) {
        let plan = Arc::clone(&self.plan);
        let Some(node) = plan.nodes.get(step) else {
            return;
        };
        let NodeKind::Http(spec) = &node.kind else {
            return;
        };
        let (name, value, error) = spec.outcome(result);
        self.data.set(name, value);
        match error {
            None => self.succeed(node),
            Some(error) => self.fail(node, error),
        }
    }

    fn succeed(&mut self, node: &Node) {
        self.step_finished(node, StepOutcome::Succeeded);
        self.go_on(node.then.clone());
    }

    fn fail(&mut self, node: &Node, error: String) {
        let next = if node.continue_on_error {
            &node.then
        } else {
            &node.on_failure
        };
        let handled = node.continue_on_error || !next.is_empty();
        if !handled && matches!(node.kind, NodeKind::Respond(_)) {
            self.effects.push(Effect::ReplyRefused);
        }
        let level = if handled { Level::Warn } else { Level::Error };
        self.log(Some(node), level, format!("failed: {error}"));
        self.step_finished(node, StepOutcome::Failed { error, handled });
        self.failed |= !handled;
        self.go_on(next.clone());
    }

    fn stop(&mut self, node: &Node, outcome: Outcome, message: Option<String>) {
        if let Some(message) = message {
            let level = if outcome == Outcome::Succeeded {
                Level::Info
            } else {
                Level::Error
            };
            self.log(Some(node), level, message);
        }
        self.step_finished(node, StepOutcome::Succeeded);
        self.conclude(outcome);
    }

    /// Ends the run, with the listener's own reply before the end where the caller waits for it.
    fn conclude(&mut self, outcome: Outcome) {
        let waits = self.plan.run_mode() == RunMode::Sync && outcome == Outcome::Succeeded;
        let outcome = if waits { self.reply(outcome) } else { outcome };
        self.finish(outcome);
    }

    fn reply(&mut self, outcome: Outcome) -> Outcome {
        let plan = Arc::clone(&self.plan);
        let Some(reply) = &plan.reply else {
            return outcome;
        };
        let surroundings = self.surroundings(0);
        let mut evaluator = Evaluator::new(&plan.scripts, &surroundings, self.data.scope_value());
        let made = reply.make(&mut evaluator);
        let undefined = evaluator.into_undefined();
        self.note_undefined(None, &undefined);
        match made {
            Ok(made) => {
                self.note_headers(None, made.notes);
                self.replied = true;
                self.effects.push(Effect::Reply(made.reply));
                outcome
            }
            Err(error) => {
                self.log(
                    None,
                    Level::Error,
                    format!("the reply failed: {}", sentence(error)),
                );
                self.effects.push(Effect::ReplyRefused);
                Outcome::Failed
            }
        }
    }

    fn finish(&mut self, outcome: Outcome) {
        self.work.clear();
        self.outstanding.clear();
        self.finished = Some(outcome);
        self.effects.push(Effect::Finished(outcome));
    }

    /// The surroundings of one step, with a seed of its own: a run that is replayed draws the same
    /// values in whatever order results come.
    fn surroundings(&self, place: usize) -> Surroundings {
        let mut surroundings = self.facts.surroundings.clone();
        surroundings.seed = mix(surroundings.seed, place as u64);
        surroundings
    }

    fn log(&mut self, node: Option<&Node>, level: Level, message: String) {
        self.effects.push(Effect::Log {
            step: node.map(|node| node.id.clone()),
            level,
            message,
        });
    }

    /// Tells the run log what a step's scripts made.
    fn tell(&mut self, index: StepIndex, node: &Node, made: Made) {
        if self.facts.surroundings.recorded {
            self.effects.push(Effect::Evaluated(Box::new(Evaluated {
                index,
                step: node.id.clone(),
                kind: node.kind.word(),
                input: made.input,
                output: made.output,
            })));
        }
    }

    fn note_headers(&mut self, node: Option<&Node>, notes: Vec<HeaderNote>) {
        for note in notes {
            self.log(node, Level::Warn, note.to_string());
        }
    }

    fn note_undefined(&mut self, node: Option<&Node>, undefined: &[Undefined]) {
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
                step: node.map(|node| node.id.clone()),
                names,
                places,
            });
        }
    }

    fn step_finished(&mut self, node: &Node, outcome: StepOutcome) {
        self.effects.push(Effect::StepFinished {
            step: node.id.clone(),
            outcome,
        });
    }
}
