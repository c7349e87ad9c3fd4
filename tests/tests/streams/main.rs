//! Event streams, read by real clients (spec section 6).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod draining;
mod encoding;
mod endings;
mod leaving;
mod lost_runner;
mod node;
mod order;
mod platform;
mod quiet;
mod reader;
mod resuming;
mod slow_reader;
