//! Bringing a run to where it was, by telling it again what it was told.

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

use super::effect::Effect;
use super::ledger::Told;
use super::plan::Plan;
use super::run::{Machine, RunFacts};
use super::spot::Spot;
use crate::data::Data;

/// The journal does not fit the run: it does otherwise than the last time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the run does otherwise than its journal says: {0}")]
pub struct Diverged(String);

/// A run that is told its past.
///
/// Its driver hands in a result only when no work is left that needs none, and performs all effects before it waits for
/// one. So whatever the machine asked for before an event of the journal was done, save for requests whose result the
/// journal does not have.
#[derive(Debug)]
pub struct Replay {
    plan: Arc<Plan>,
    machine: Machine,
    /// What may or may not have been done.
    due: Vec<Effect>,
    /// What steps asked for and wait for: requests and moments.
    open: BTreeMap<Spot, Effect>,
}

impl Replay {
    /// Starts the run as it was started; `facts` has the time of then.
    #[must_use]
    pub fn begin(plan: Arc<Plan>, data: Data, facts: RunFacts) -> Self {
        let (machine, due) = Machine::start(Arc::clone(&plan), data, facts);
        Self {
            plan,
            machine,
            due,
            open: BTreeMap::new(),
        }
    }

    /// Tells the next event of the past. What comes back was asked for before it, and done save for requests without a
    /// result.
    ///
    /// # Errors
    /// [`Diverged`] where the run is not where it was when that event came.
    pub fn tell(&mut self, told: Told) -> Result<Vec<Effect>, Diverged> {
        self.catch_up(told.steps);
        self.check(&told)?;
        let past = self.due.clone();
        self.set_open_apart();
        if let Some(step) = told.event.step() {
            self.open.remove(&step);
        }
        self.due = self.machine.handle(told.event, told.at);
        Ok(past)
    }

    /// The machine as it was, and what there is to do: what the past does not say was done.
    #[must_use]
    pub fn end(mut self) -> (Machine, Vec<Effect>) {
        let rest = self.set_open_apart();
        let machine = self.machine;
        let open = self.open.into_iter();
        let open = open.filter(|(step, _)| machine.waits_for(*step));
        let mut due: Vec<Effect> = open.map(|(_, effect)| effect).collect();
        due.extend(rest);
        (machine, due)
    }

    /// A result came when no work was left; a cancellation may have come at any time.
    fn check(&self, told: &Told) -> Result<(), Diverged> {
        let Some(step) = told.event.step() else {
            return Ok(());
        };
        let (begun, steps) = (self.machine.begun(), told.steps);
        if begun != steps || self.machine.has_work() {
            let what = format!("it began {begun} steps instead of {steps}");
            return Err(Diverged(what));
        }
        if !self.machine.waits_for(step) {
            let id = self.plan.name(step);
            return Err(Diverged(format!("the step `{id}` waits for nothing")));
        }
        Ok(())
    }

    /// Begins what had begun by then.
    fn catch_up(&mut self, steps: u64) {
        while self.machine.has_work() && self.machine.begun() < steps {
            let left = usize::try_from(steps - self.machine.begun()).unwrap_or(usize::MAX);
            self.due.extend(self.machine.go_on_by(left));
        }
    }

    fn set_open_apart(&mut self) -> Vec<Effect> {
        let mut rest = Vec::new();
        for effect in std::mem::take(&mut self.due) {
            match effect.waiting() {
                Some(step) => {
                    self.open.insert(step, effect);
                }
                None => rest.push(effect),
            }
        }
        rest
    }
}
