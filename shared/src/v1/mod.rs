//! The messages of contract version 1.
//!
//! A released message only gains optional fields. Each has a frozen sample under
//! `shared/golden/v1/`, and a test that today's code reads it.

pub mod auth;
pub mod control;
pub mod dead_letters;
pub mod idempotency;
pub mod journal;
pub mod letters;
pub mod memory;
pub mod presence;
pub mod registry;
pub mod reply;
pub mod run;
pub mod run_log;
pub mod settings;
pub mod trials;
pub mod views;
