//! The binary `earshot`, as people and scripts use it.

// A test may fail loudly, and so may what it shares with others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod apply;
mod earshot;
mod endpoints;
mod examples;
mod failures;
mod invoke;
mod platform;
mod publish;
mod tokens;
mod up;
mod up_refused;
mod up_running;
mod validate;
