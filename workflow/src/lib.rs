//! The workflow document, its schema and validation, conditions, and the run as a pure machine.
//!
//! Nothing here awaits, reads a clock, draws randomness or looks at the environment: those come in
//! as arguments.

pub mod catalogue;
pub mod check;
pub mod condition;
pub mod data;
pub mod document;
pub mod machine;
pub mod reply;
pub mod schema;
pub mod template;
pub mod timetable;
pub mod trial;

pub use check::{Problem, Severity};
pub use document::Document;
