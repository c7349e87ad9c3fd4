//! The control plane, and what happens when a part of the platform is away.

// A test may fail loudly, and so may what it shares with others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod bodies;
mod core;
mod endpoints;
mod lifecycle;
mod live;
mod newer_schema;
mod outages;
mod paging;
mod platform;
mod postgres;
mod preconditions;
mod problems;
mod restart;
mod roles;
mod startup;
