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
//! - A run is over when no work is left, at a `stop` step, or when it is cancelled. From then on it
//!   never changes.

mod carry;
mod effect;
mod http;
mod plan;
mod prepare;
mod run;

#[cfg(test)]
mod http_tests;
#[cfg(test)]
mod record_tests;
#[cfg(test)]
mod reply_tests;
#[cfg(test)]
mod run_tests;
#[cfg(test)]
mod size_tests;
#[cfg(test)]
mod testing;

pub use effect::{
    Effect, Evaluated, Event, FrameOut, HttpRequest, HttpResponse, Level, StepIndex, StepOutcome,
};
pub use plan::{Plan, PlanError};
pub use run::{Machine, RunFacts};
