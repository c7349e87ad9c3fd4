//! The run as a pure state machine.
//!
//! A [`Plan`] is a published document, compiled once and shared by all its runs. A [`Machine`] is one
//! run of it: it takes an [`Event`] and returns [`Effect`]s, which its driver performs.
//!
//! - Steps without an effect outside are carried out inside the machine, in the order in which they
//!   stand in the document: a step, then what stands below it, then its next sibling.
//! - An `http_request` is handed to the driver and the machine goes on with the siblings, so that all
//!   requests of siblings are under way at once.
//! - A step fails when a script of it fails. Where nothing handles that, its branch ends and the run
//!   is marked failed; the other branches go on.
//! - `continue_on_error` goes on with `then` and comes before `on_failure`.
//! - A step with `when` or `window`, and a request that is to be made again, waits: the driver is asked to say when the
//!   time has come. Its siblings go on.
//! - A `for_each` does its children in turns, each with data of its own, as many at once as it says; see `run/turns.rs`. What
//!   a run waits for goes by its [`Spot`]: the step and the turn.
//! - A script that asks what is outside (`memoryGet`) breaks off; the driver is asked, and the step is evaluated again with
//!   the answer, at the time of before.
//! - A step that waits for something from outside, a call of its resume URL or the end of a run that it called, waits for a
//!   letter; the driver is asked to hand in what the letter says, or that none came in time.
//! - A run is over when no work is left, at a `stop` step, or when it is cancelled. From then on it
//!   never changes.
//! - What a run does depends on its plan, its data, its facts and the events that it is told, in their order, and on
//!   nothing else: a [`Replay`] brings it to where it was.

mod carry;
mod due;
mod each;
mod effect;
mod http;
mod ledger;
mod letters;
mod memory;
mod plan;
mod prepare;
mod publish;
mod push;
mod replay;
mod retry;
mod run;
mod spot;

#[cfg(test)]
mod each_tests;
#[cfg(test)]
mod http_tests;
#[cfg(test)]
mod hurried_tests;
#[cfg(test)]
mod letter_tests;
#[cfg(test)]
mod memory_tests;
#[cfg(test)]
mod push_tests;
#[cfg(test)]
mod record_tests;
#[cfg(test)]
mod reply_tests;
#[cfg(test)]
mod run_tests;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod size_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod time_tests;

pub(crate) use due::LONGEST as LONGEST_WAIT;
pub use each::MOST_ITEMS;
pub use effect::{
    Effect, Errand, Evaluated, Event, FrameOut, HttpRequest, HttpResponse, Level, StepIndex,
    StepOutcome,
};
pub use ledger::{Ledger, LedgerError, Past, Told, fact};
pub use letters::letter_answer;
pub use plan::{Plan, PlanError};
pub use replay::{Diverged, Replay};
pub use run::{Machine, RunFacts};
pub use spot::{MOST_NESTED, Spot, Turn};
