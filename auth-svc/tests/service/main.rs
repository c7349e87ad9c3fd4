//! auth-svc in this process, asked over a real NATS. What needs registry-svc is tested with all services together.

// A test may fail loudly.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod desk;
mod drain;
mod links;
mod sealing;
mod tokens;
mod verdicts;
