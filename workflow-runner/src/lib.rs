//! The runner: takes runs, drives the workflow machine, performs its effects, replies.
//!
//! It touches no database and no secret, and keeps nothing after a run.

mod config;
mod control;
mod documents;
mod driver;
mod held;
mod http;
mod intake;
mod jobs;
mod outbox;
mod presence;
mod run;
mod run_log;
mod service;

pub use config::Config;
pub use service::Runner;
