//! Scenarios over the real binaries as separate processes, a real nats-server, real databases and a
//! real browser. `cargo build --workspace --bins` comes first; `cargo xtask test` does both.

// A test may fail loudly, and so may what it shares with others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs
)]

mod command_line;
mod control;
mod cors;
mod idempotency;
mod jwt;
mod letters;
mod receiving;
mod replies;
mod resilience;
mod run_log;
mod schedules;
mod settings;
mod streams;
