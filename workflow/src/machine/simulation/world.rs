//! What is outside of the runners: the journal, the servers that steps call, the callers, the queue.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use shared::ids::InstanceId;
use shared::v1::journal::{Entry, Fact};
use shared::v1::reply::Outcome;

use super::attempt::{Attempt, State};
use super::dice::Dice;
use super::documents;
use super::fault::Fault;
use crate::machine::{Errand, FrameOut, HttpRequest, HttpResponse, Plan, Spot};
use crate::reply::Reply;

/// One step in so many is a runner's last.
pub(super) const STEP: u64 = 14;

/// How many steps a play may take before it counts as hanging.
const PATIENCE: u64 = 20_000;

/// What attempts reach.
pub(super) struct Outside {
    pub(super) dice: Dice,
    pub(super) journal: Vec<(Entry, Bytes)>,
    /// What was cleared away.
    pub(super) swept: Vec<(Entry, Bytes)>,
    pub(super) replies: Vec<Reply>,
    pub(super) frames: Vec<(u32, FrameOut)>,
    called: BTreeMap<Spot, Vec<HttpRequest>>,
    /// The number in shared memory, and what it was after each addition.
    number: i64,
    added: BTreeMap<String, i64>,
    /// The letter of each place: what it says, or that none is taken any more.
    letters: BTreeMap<String, Option<Json>>,
    /// What was handed over to other workflows, by who did.
    pushed: BTreeMap<String, Vec<String>>,
    clock: i64,
    instances: u64,
}

impl Outside {
    pub(super) fn now(&mut self) -> Timestamp {
        self.clock += 1 + i64::try_from(self.dice.below(3_000)).unwrap();
        Timestamp::from_millisecond(self.clock).unwrap()
    }

    /// The stream's number of the last entry that is there; 0 where none is.
    pub(super) fn last(&self) -> usize {
        if self.journal.is_empty() {
            return 0;
        }
        self.swept.len() + self.journal.len()
    }

    /// Every entry that ever was.
    fn entries(&self) -> impl Iterator<Item = &(Entry, Bytes)> {
        self.swept.iter().chain(&self.journal)
    }

    /// Time passes, perhaps more than was asked for.
    pub(super) fn wait_until(&mut self, at: Timestamp) {
        self.clock = self.clock.max(at.as_millisecond());
    }

    /// Adds once for each id.
    pub(super) fn remember(&mut self, errand: &Errand) -> Json {
        if let Errand::Push { data, by, .. } | Errand::Call { data, by, .. } = errand {
            self.pushed
                .entry(by.clone())
                .or_default()
                .push(data.clone());
            return json!(by);
        }
        let Errand::MemoryAdd { by, id, .. } = errand else {
            return json!(self.dice.below(100));
        };
        let number = &mut self.number;
        let after = self.added.entry(id.clone()).or_insert_with(|| {
            *number += by;
            *number
        });
        json!(after)
    }

    /// Somebody writes a letter to a place, perhaps for the second time, too early or too late: the first one stays.
    pub(super) fn write_letter(&mut self, place: &str) {
        let n = self.dice.below(10);
        let outcome = if self.dice.one_in(4) {
            "failed"
        } else {
            "succeeded"
        };
        let letter = json!({"outcome": outcome, "run_id": "r", "body": {"n": n}});
        let letters = &mut self.letters;
        letters.entry(place.to_owned()).or_insert(Some(letter));
    }

    /// The letter of a place, if there is one: what it says, or none where none is taken any more.
    pub(super) fn letter(&self, place: &str) -> Option<Option<Json>> {
        self.letters.get(place).cloned()
    }

    /// Takes no letter for a place any more; whether there was none.
    pub(super) fn close(&mut self, place: &str) -> bool {
        let first = !self.letters.contains_key(place);
        self.letters.entry(place.to_owned()).or_insert(None);
        first
    }

    pub(super) fn instance(&mut self) -> u64 {
        self.instances += 1;
        self.instances
    }

    pub(super) fn call(&mut self, step: Spot, request: &HttpRequest) {
        self.called.entry(step).or_default().push(request.clone());
    }

    /// No two calls are answered alike.
    pub(super) fn answer(&mut self, _step: Spot) -> Result<HttpResponse, String> {
        let n = self.dice.below(10);
        if self.dice.one_in(8) {
            return Err(format!("no answer {n}"));
        }
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Ok(HttpResponse {
            status: if self.dice.one_in(5) { 500 } else { 200 },
            headers,
            body: json!({"n": n}).to_string().into_bytes(),
        })
    }
}

/// One play.
pub(super) struct World {
    plan: Arc<Plan>,
    outside: Outside,
    attempts: Vec<Attempt>,
    /// How often a step's call may have been repeated: once for each attempt that had it in flight when it was given up.
    allowed: BTreeMap<Spot, usize>,
    /// The journal's length when an attempt took the run over, and which one that was.
    takeovers: Vec<(usize, InstanceId)>,
    outcomes: Vec<Outcome>,
    acknowledged: bool,
    delivered: u32,
    fault: Option<Fault>,
    pub(super) crashes: u64,
    pub(super) resumed: u64,
    story: Vec<String>,
}

impl World {
    pub(super) fn new(seed: u64, fault: Option<Fault>) -> Self {
        let mut dice = Dice::new(seed);
        let plan = documents::draw(&mut dice);
        let outside = Outside {
            dice,
            journal: Vec::new(),
            swept: Vec::new(),
            replies: Vec::new(),
            frames: Vec::new(),
            called: BTreeMap::new(),
            number: 0,
            added: BTreeMap::new(),
            letters: BTreeMap::new(),
            pushed: BTreeMap::new(),
            clock: 1_780_000_000_000,
            instances: 0,
        };
        Self {
            plan,
            outside,
            attempts: Vec::new(),
            allowed: BTreeMap::new(),
            takeovers: Vec::new(),
            outcomes: Vec::new(),
            acknowledged: false,
            delivered: 0,
            fault,
            crashes: 0,
            resumed: 0,
            story: Vec::new(),
        }
    }

    /// How many results came to steps in turns, to those in turns within turns, and to those in turns that wait for letters.
    pub(super) fn turns(&self) -> (usize, usize, usize) {
        let entries = self.outside.entries();
        let named = entries.filter_map(|(entry, _)| match &entry.fact {
            Fact::Answered { step, .. }
            | Fact::Unanswered { step, .. }
            | Fact::Returned { step, .. }
            | Fact::Due { step } => Some(step),
            _ => None,
        });
        let named: Vec<&String> = named.filter(|step| step.contains('[')).collect();
        let within = named.iter().filter(|step| step.contains(','));
        let spots = named.iter().filter_map(|step| self.plan.spot(step));
        let nodes = spots.filter_map(|spot| self.plan.nodes.get(spot.step));
        (
            named.len(),
            within.count(),
            nodes.filter(|node| node.awaits()).count(),
        )
    }

    /// What happened, for people.
    pub(super) fn story(&self) -> String {
        let entries = self.outside.entries();
        let entries: Vec<String> = entries.map(|(entry, _)| format!("{entry:?}")).collect();
        format!("{}\n{}", self.story.join("\n"), entries.join("\n"))
    }

    /// Plays to the end, and looks at what came of it.
    pub(super) fn play(&mut self) -> Result<(), String> {
        for _ in 0..PATIENCE {
            let working =
                |attempt: &Attempt| matches!(attempt.state, State::Running | State::Paused);
            if self.acknowledged && !self.attempts.iter().any(working) {
                return self.judge();
            }
            self.turn()?;
        }
        Err("the run does not end".to_owned())
    }

    fn turn(&mut self) -> Result<(), String> {
        if self.outside.dice.one_in(12) {
            let place = self.place_of_letter();
            self.outside.write_letter(&place);
        }
        let running: Vec<usize> = self.places(State::Running);
        let paused = self.places(State::Paused);
        let wake = !paused.is_empty() && self.outside.dice.one_in(12);
        if wake || (self.acknowledged && running.is_empty() && !paused.is_empty()) {
            let place = paused[self.outside.dice.place(paused.len())];
            self.tell(place, "wakes");
            self.attempts[place].state = State::Running;
            return Ok(());
        }
        if running.is_empty() {
            return if self.acknowledged {
                Ok(())
            } else {
                self.deliver()
            };
        }
        let place = running[self.outside.dice.place(running.len())];
        if self.outside.dice.one_in(STEP) {
            let state = if self.outside.dice.one_in(2) {
                State::Paused
            } else {
                self.crashes += 1;
                State::Dead
            };
            self.attempts[place].state = state;
            self.tell(
                place,
                if state == State::Dead {
                    "dies"
                } else {
                    "hangs"
                },
            );
        } else {
            self.attempts[place].step(&mut self.outside);
        }
        self.after(place);
        Ok(())
    }

    /// A place that is waited at, or any.
    fn place_of_letter(&mut self) -> String {
        let attempts = self.attempts.iter();
        let waiting: Vec<&str> = attempts.flat_map(Attempt::awaited).collect();
        let dice = &mut self.outside.dice;
        if !waiting.is_empty() && dice.one_in(2) {
            return waiting[dice.place(waiting.len())].to_owned();
        }
        let step = 1 + dice.below(12);
        match dice.below(3) {
            0 => format!("s{step}"),
            1 => format!("s{step}[{}]", dice.below(3)),
            _ => format!("s{step}[{},{}]", dice.below(3), dice.below(3)),
        }
    }

    /// What follows from how an attempt stands now.
    fn after(&mut self, place: usize) {
        let attempt = &mut self.attempts[place];
        match attempt.state {
            State::Running => {}
            // Its calls may be made again: nobody wrote down what came of them.
            State::Dead => {
                for step in attempt.calls.drain(..) {
                    *self.allowed.entry(step).or_default() += 1;
                }
            }
            State::Paused => {
                for step in &attempt.calls {
                    *self.allowed.entry(*step).or_default() += 1;
                }
                if self.fault == Some(Fault::AcknowledgedEarly) {
                    self.acknowledged = true;
                }
            }
            State::Told => self.acknowledged = true,
            State::Over(outcome) => {
                self.outcomes.push(outcome);
                // The acknowledgement may be lost on its way.
                self.acknowledged |= !self.outside.dice.one_in(6);
                self.sweep();
                self.tell(place, "comes to the end");
            }
        }
    }

    /// All but the end of a journal goes once the job is acknowledged; without an end all of it.
    fn sweep(&mut self) {
        if !self.acknowledged || self.outside.dice.one_in(2) {
            return;
        }
        let (journal, swept) = (&mut self.outside.journal, &mut self.outside.swept);
        let end = journal.pop().filter(|(entry, _)| entry.fact == Fact::Ended);
        swept.append(journal);
        journal.extend(end);
    }

    fn deliver(&mut self) -> Result<(), String> {
        // The queue may forget how often it handed the job out.
        let number = if self.outside.dice.one_in(10) {
            0
        } else {
            self.delivered
        };
        self.delivered += 1;
        self.resumed += u64::from(number > 0 && !self.outside.journal.is_empty());
        let attempt = Attempt::begin(number, &self.plan, &mut self.outside, self.fault)?;
        if number > 0 && attempt.state == State::Running {
            let length = self.outside.entries().count();
            self.takeovers.push((length, attempt.me));
        }
        self.attempts.push(attempt);
        let place = self.attempts.len() - 1;
        self.tell(place, "begins");
        self.after(place);
        Ok(())
    }

    fn places(&self, state: State) -> Vec<usize> {
        let attempts = self.attempts.iter().enumerate();
        attempts
            .filter(|(_, attempt)| attempt.state == state)
            .map(|(place, _)| place)
            .collect()
    }

    fn tell(&mut self, place: usize, what: &str) {
        let number = self.attempts[place].number;
        let entries = self.outside.entries().count();
        self.story.push(format!(
            "attempt {place} (delivery {number}) {what}, {entries} entries"
        ));
    }

    /// The calls of a step that there is a reason for: one for each result in the journal, one for each attempt that was
    /// given up while it was under way, and one for each run that ended meanwhile.
    fn accounted(&self, step: Spot) -> usize {
        let name = self.plan.name(step);
        let answered = self
            .outside
            .entries()
            .filter(|(entry, _)| match &entry.fact {
                Fact::Answered { step, .. } | Fact::Unanswered { step, .. } => *step == name,
                _ => false,
            });
        let given_up = self.allowed.get(&step).copied().unwrap_or(0);
        let over = self.attempts.iter().filter(|attempt| {
            matches!(attempt.state, State::Over(_)) && attempt.calls.contains(&step)
        });
        answered.count() + given_up + over.count()
    }

    /// Whoever wrote a letter that was taken can be sure that the run has it, where it came to that place at all; and what
    /// the run has is what was written.
    fn judge_letters(&self) -> Result<(), String> {
        for (entry, body) in self.outside.entries() {
            let (step, told) = match &entry.fact {
                Fact::Returned { step, .. } => (step, true),
                Fact::Due { step } => (step, false),
                _ => continue,
            };
            let spot = self.plan.spot(step);
            let Some(node) = spot.and_then(|spot| self.plan.nodes.get(spot.step)) else {
                continue;
            };
            let (true, Some(letter)) = (node.awaits(), self.outside.letters.get(step)) else {
                continue;
            };
            let answer: Option<Json> = serde_json::from_slice(body).ok();
            match letter {
                Some(letter) if told && answer.as_ref() == Some(letter) => {}
                // That the other run has been started, or an answer to a script.
                _ if told && answer.is_some_and(|answer| !answer.is_object()) => {}
                None if !told => {}
                // A step that waits for its moment before it waits for its letter.
                Some(_) if !told && node.due.is_some() => {}
                _ => return Err(format!("`{step}`: {letter:?} is told as {:?}", entry.fact)),
            }
        }
        Ok(())
    }

    fn judge(&self) -> Result<(), String> {
        let all_equal = |outcomes: &[Outcome]| outcomes.windows(2).all(|pair| pair[0] == pair[1]);
        if self.outcomes.is_empty() || !all_equal(&self.outcomes) {
            return Err(format!("outcomes {:?}", self.outcomes));
        }
        if self
            .outside
            .replies
            .windows(2)
            .any(|pair| pair[0] != pair[1])
        {
            return Err(format!("replies differ: {:?}", self.outside.replies));
        }
        let mut frames: BTreeMap<u32, &FrameOut> = BTreeMap::new();
        for (place, frame) in &self.outside.frames {
            if frames
                .insert(*place, frame)
                .is_some_and(|known| known != frame)
            {
                return Err(format!("frame {place} has two faces"));
            }
        }
        if !frames
            .keys()
            .copied()
            .eq(0..u32::try_from(frames.len()).unwrap())
        {
            return Err(format!("frames are missing: {:?}", frames.keys()));
        }
        // Each addition of the workflow is made once at most, however often it was asked for.
        if self.outside.number != i64::try_from(self.outside.added.len()).unwrap() {
            return Err("an addition was made twice".to_owned());
        }
        self.judge_letters()?;
        // One run is started of the first push of a spot: the others must not differ.
        for (by, pushes) in &self.outside.pushed {
            if pushes.windows(2).any(|pair| pair[0] != pair[1]) {
                return Err(format!("{by}: two pushes differ"));
            }
        }
        for (length, owner) in &self.takeovers {
            let since = self.outside.entries().skip(*length);
            let outdated = since.filter(|(entry, _)| entry.by.0 < owner.0);
            if outdated.count() > 0 {
                return Err("an outdated attempt wrote into the journal".to_owned());
            }
        }
        for (step, requests) in &self.outside.called {
            let allowed = self.accounted(*step);
            if requests.len() > allowed {
                let calls = requests.len();
                return Err(format!(
                    "{}: called {calls} times, {allowed} accounted for",
                    self.plan.name(*step)
                ));
            }
            if requests.windows(2).any(|pair| pair[0] != pair[1]) {
                return Err(format!("{}: two calls differ", self.plan.name(*step)));
            }
        }
        Ok(())
    }
}
