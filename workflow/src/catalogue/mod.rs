//! The one table of what a document may say: every object with its fields, their kinds, defaults
//! and meaning. The JSON Schema, the structural check and the list of scripts all come from it.

mod actions;
#[cfg(test)]
mod agreement;
mod decisions;
mod each;
mod envelope;
mod field;
mod kind;
mod listener;
mod outside;
mod replies;
mod schedule;
mod steps;
mod time;

pub use envelope::DOCUMENT;
pub use field::{Field, Object, Refused, Rule};
pub use kind::{HEADER_NAME, Kind, Names, Pattern, STATUS};
pub use steps::{ANY_STEP, STEP_TYPES, StepType, step_type};
