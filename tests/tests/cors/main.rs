//! Calls from pages of other origins.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod browser;
mod endpoint;
mod errors;
mod off;
mod origins;
mod preflight;
mod replies;
mod runs;
