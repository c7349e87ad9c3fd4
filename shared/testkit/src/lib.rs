//! Real parts for tests: nats-server, PostgreSQL, the services as processes, and clients that can also misbehave.
//!
//! What is missing or does not start in time fails the test with a panic that says how to mend it; nothing is skipped.
//! No process outlives the test program that started it, however that ends, and neither do its files for long.

// This is test code that other crates link.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

pub mod browser;
mod child;
pub mod control;
pub mod disk;
pub mod document;
pub mod fixtures;
pub mod http;
pub mod jwt;
mod launcher;
pub mod nats;
pub mod port;
pub mod postgres;
mod problem;
pub mod proxy;
pub mod remote;
mod scratch;
pub mod stack;
mod waiting;
mod workspace;

pub use child::Child;
pub use launcher::program;
pub use problem::{Problem, problem};
pub use scratch::Scratch;
pub use waiting::{until, until_blocking};
