//! What the run log is told of runs.
//!
//! A [`Recorder`] goes with a run and takes notes, which costs it copies of what is kept and no more. What becomes of the
//! notes happens apart from runs: a [`Teller`] turns them into records, masks what looks like a secret, and stores them
//! in the stream that registry-svc reads. A run never waits for any of this: where the notes pile up they are dropped and
//! counted.

mod build;
mod mask;
mod notes;
mod pack;
mod recorder;
mod teller;
mod values;

#[cfg(test)]
pub(crate) use notes::tests::{record, step};
pub(crate) use recorder::Recorder;
pub(crate) use teller::{RunLog, Teller};
