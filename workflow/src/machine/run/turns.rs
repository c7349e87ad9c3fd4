//! The turns of `for_each` steps.
//!
//! A turn begins when the work of those before it has come as far as it can, and there is room for one more: so long runs
//! of pure turns are done one after the other, in the order of the items, and what waits outside is never more than the
//! concurrency. Nothing here looks at all turns at once.

use std::ops::Range;
use std::sync::Arc;

use script::{Asks, Budget, Question, Value};

use super::{Began, Machine, Work};
use crate::data::Data;
use crate::machine::carry::sentence;
use crate::machine::each::{EachSpec, Items, MOST_TURNS};
use crate::machine::effect::{Effect, StepIndex, StepOutcome};
use crate::machine::plan::{Node, NodeKind};
use crate::machine::spot::{MOST_NESTED, Spot};
use crate::template::Evaluator;

/// A `for_each` that has begun.
#[derive(Debug)]
pub(super) struct Loop {
    /// What each turn begins with.
    data: Data,
    items: Items,
    /// The turn that begins next.
    next: usize,
    /// How many turns go on.
    running: usize,
    /// Whether beginning the next turn is among the work.
    armed: bool,
    /// How many turns failed, and the first of them by its item, with the reason.
    failed: usize,
    first: Option<(usize, String)>,
    /// What the turns handed out, by item; empty where nobody wants it.
    collected: Vec<Value>,
    /// How much more of that there may be.
    room: Budget,
}

/// A turn that goes on. It goes by the spot of its `for_each` in the turn itself.
#[derive(Debug)]
pub(super) struct Frame {
    /// `__data` in it.
    data: Data,
    /// How many of its steps have begun or will, and have not ended.
    open: usize,
    /// Why it fails.
    failed: Option<String>,
}

impl Machine {
    /// The turn that a spot is in, by the spot that it goes by; none for the run itself.
    fn frame_of(&self, spot: Spot) -> Option<Spot> {
        if spot.turn.is_root() {
            return None;
        }
        if self.frames.contains_key(&spot) {
            return Some(spot);
        }
        let step = self.plan.nodes.get(spot.step)?.within?;
        let turn = spot.turn;
        Some(Spot { step, turn })
    }

    fn frame(&mut self, spot: Spot) -> Option<&mut Frame> {
        let frame = self.frame_of(spot)?;
        self.frames.get_mut(&frame)
    }

    /// `__data` as a spot sees it.
    pub(super) fn data_at(&self, spot: Spot) -> &Data {
        let frame = self.frame_of(spot);
        let frame = frame.and_then(|frame| self.frames.get(&frame));
        frame.map_or(&self.data, |frame| &frame.data)
    }

    /// Writes `__data.<name>` where a spot is.
    pub(super) fn store(&mut self, spot: Spot, name: impl Into<String>, value: Value) {
        match self.frame(spot) {
            Some(frame) => frame.data.set(name, value),
            None => self.data.set(name, value),
        }
    }

    /// A step ended, and these come after it.
    pub(super) fn ended(
        &mut self,
        spot: Spot,
        node: &Node,
        outcome: StepOutcome,
        next: Range<StepIndex>,
    ) {
        self.step_finished(spot, node, outcome);
        let more = next.len();
        self.push(spot.turn, next);
        let Some(turn) = self.frame_of(spot) else {
            return;
        };
        let Some(frame) = self.frames.get_mut(&turn) else {
            return;
        };
        frame.open = (frame.open + more).saturating_sub(1);
        if frame.open == 0 {
            self.work.push(Work::EndTurn(turn));
        }
    }

    /// A step failed, and nothing below it handles that: its turn fails, or the run.
    pub(super) fn fails(&mut self, spot: Spot, node: &Node, error: &str) {
        match self.frame(spot) {
            Some(frame) => {
                let why = || format!("step `{}`: {error}", node.id);
                frame.failed.get_or_insert_with(why);
            }
            None => self.failed = true,
        }
    }

    /// A `for_each` begins.
    pub(super) fn begin_each(&mut self, spot: Spot, node: &Node, spec: &EachSpec, items: Items) {
        if spot.turn.of_item(0).is_none() {
            let error = format!("`for_each` stands in more than {MOST_NESTED} others");
            return self.fail(spot, node, error);
        }
        let turns = self.turns.saturating_add(items.len());
        if turns > MOST_TURNS {
            let error = format!(
                "with these {} items the run would have more than {MOST_TURNS} turns in all",
                items.len()
            );
            return self.fail(spot, node, error);
        }
        self.turns = turns;
        let kept = if spec.result.is_some() {
            items.len()
        } else {
            0
        };
        let begun = Loop {
            data: self.data_at(spot).clone(),
            room: items.room.clone(),
            items,
            next: 0,
            running: 0,
            armed: true,
            failed: 0,
            first: None,
            collected: vec![Value::from(()); kept],
        };
        self.loops.insert(spot, begun);
        self.work.push(Work::BeginTurn(spot));
    }

    /// Begins the next turn of a `for_each` where there is one and room for it; where all are over, it has ended.
    pub(super) fn begin_turn(&mut self, spot: Spot) {
        let plan = Arc::clone(&self.plan);
        let Some((node, spec)) = each(plan.nodes.get(spot.step)) else {
            return;
        };
        let Some(each) = self.loops.get_mut(&spot) else {
            return;
        };
        each.armed = false;
        let over = each.next >= each.items.len() || spec.stops && each.failed > 0;
        if over && each.running == 0 {
            return self.end_each(spot, node, spec);
        }
        let index = each.next;
        let turn = u16::try_from(index).ok();
        let turn = turn.and_then(|index| spot.turn.of_item(index));
        let Some(turn) = turn.filter(|_| !over && each.running < spec.concurrency) else {
            return;
        };
        each.next += 1;
        each.running += 1;
        each.armed = true;
        let mut data = each.data.clone();
        let about = each.items.about(index, each.data.get("__each"));
        data.set(spec.name.as_str(), each.items.get(index));
        data.set("__each", about);
        let frame = Frame {
            data,
            open: spec.steps.len(),
            failed: None,
        };
        let step = spot.step;
        self.frames.insert(Spot { step, turn }, frame);
        self.work.push(Work::BeginTurn(spot));
        self.push(turn, spec.steps.clone());
        if spec.steps.is_empty() {
            self.work.push(Work::EndTurn(Spot { step, turn }));
        }
    }

    /// The steps of a turn have ended: it hands out what it is to.
    pub(super) fn end_turn(&mut self, turn: Spot) {
        let plan = Arc::clone(&self.plan);
        let Some((_, spec)) = each(plan.nodes.get(turn.step)) else {
            return;
        };
        let failed = self.frame(turn).and_then(|frame| frame.failed.take());
        match (failed, &spec.collect) {
            (Some(error), _) => self.turn_over(turn, Err(error)),
            (None, None) => self.turn_over(turn, Ok(Value::from(()))),
            (None, Some(_)) => {
                let began = self.now_begun(turn);
                self.collect(turn, Vec::new(), began);
            }
        }
    }

    /// Evaluates what a turn hands out, with these answers to what its scripts ask.
    pub(super) fn collect(&mut self, turn: Spot, answers: Vec<(Question, Value)>, began: Began) {
        let plan = Arc::clone(&self.plan);
        let Some((_, spec)) = each(plan.nodes.get(turn.step)) else {
            return;
        };
        let (Some(template), Some(each)) = (&spec.collect, self.loop_of(turn)) else {
            return;
        };
        let mut room = each.room.clone();
        let asks = plan.asks.then(|| Asks::new(answers.clone()));
        let mut surroundings = self.surroundings(Some(turn));
        surroundings.now = began.at;
        let evaluator = Evaluator::new(&plan.scripts, &surroundings, began.data.scope_value());
        let mut evaluator = evaluator.asking(asks.clone());
        let value = template.evaluate(&mut evaluator, &mut room);
        if let Some(question) = asks.as_ref().and_then(Asks::open) {
            return self.ask(turn, question, answers, began);
        }
        let undefined = evaluator.into_undefined();
        self.note_undefined(Some(turn), &undefined);
        if let (Ok(_), Some(each)) = (&value, self.loop_of(turn)) {
            each.room = room;
        }
        let value = value.map_err(|error| format!("`collect`: {}", sentence(error)));
        self.turn_over(turn, value);
    }

    /// Whether something waits in a turn for what is to be handed out by it, and not for a step of it.
    pub(super) fn is_turn(&self, spot: Spot) -> bool {
        self.frames.contains_key(&spot)
    }

    /// The `for_each` of a turn.
    fn loop_of(&mut self, turn: Spot) -> Option<&mut Loop> {
        let (outer, _) = turn.turn.out()?;
        let step = turn.step;
        self.loops.get_mut(&Spot { step, turn: outer })
    }

    /// A turn is over.
    pub(super) fn turn_over(&mut self, turn: Spot, handed: Result<Value, String>) {
        self.frames.remove(&turn);
        let Some((outer, item)) = turn.turn.out() else {
            return;
        };
        let item = usize::from(item);
        let Some(each) = self.loop_of(turn) else {
            return;
        };
        each.running = each.running.saturating_sub(1);
        match handed {
            Ok(value) => {
                if let Some(place) = each.collected.get_mut(item) {
                    *place = value;
                }
            }
            Err(error) => {
                each.failed += 1;
                if each.first.as_ref().is_none_or(|(first, _)| item < *first) {
                    each.first = Some((item, error));
                }
            }
        }
        if !std::mem::replace(&mut each.armed, true) {
            let step = turn.step;
            self.work.push(Work::BeginTurn(Spot { step, turn: outer }));
        }
    }

    /// All turns are over.
    fn end_each(&mut self, spot: Spot, node: &Node, spec: &EachSpec) {
        let Some(each) = self.loops.remove(&spot) else {
            return;
        };
        let error = each.error();
        if let Some(name) = &spec.result {
            let list = Value::from(each.collected);
            if self.facts.surroundings.recorded {
                let value = list.clone();
                self.effects.push(Effect::Came { step: spot, value });
            }
            self.store(spot, name.as_str(), list);
        }
        match error {
            None => self.succeed(spot, node),
            Some(error) => self.fail(spot, node, error),
        }
    }
}

impl Loop {
    /// Why the `for_each` failed; none where it did not.
    fn error(&self) -> Option<String> {
        let (first, why) = self.first.as_ref()?;
        let (failed, all) = (self.failed, self.items.len());
        let left = match all - self.next {
            0 => String::new(),
            left => format!(", and {left} did not begin"),
        };
        Some(format!(
            "{failed} of {all} items failed{left}; the first, items[{first}]: {why}"
        ))
    }
}

fn each(node: Option<&Node>) -> Option<(&Node, &EachSpec)> {
    let node = node?;
    match &node.kind {
        NodeKind::Each(spec) => Some((node, spec)),
        _ => None,
    }
}
