//! Event streams, read by real clients (spec section 6).

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
