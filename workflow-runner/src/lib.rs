//! The runner: takes runs, drives the workflow machine, performs its effects, replies.
//!
//! It touches no database, has the secrets of a run for the length of that run alone, and keeps nothing after it.

mod callback_url;
mod config;
mod control;
mod documents;
mod driver;
mod errands;
mod fence;
mod held;
mod http;
mod intake;
mod jobs;
mod journal;
mod letters;
mod lines;
mod memory;
mod outbox;
mod presence;
mod publish;
mod push;
mod run;
mod run_log;
mod secrets;
mod service;
mod sweeper;
mod trial;

pub use config::Config;
pub use service::Runner;
