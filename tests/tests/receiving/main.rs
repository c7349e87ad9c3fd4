//! What arrives at an endpoint, and what a run gets to see of it.

// A test may fail loudly, and so may what it shares with others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs
)]

mod concurrency;
mod exact_body;
mod fields;
mod files;
mod github;
mod headers;
mod json_suite;
mod malformed;
mod methods;
mod multipart_pairs;
mod not_found;
mod platform;
mod protocols;
mod rate;
mod request_itself;
mod signatures;
mod sizes;
mod slow;
mod wire;
