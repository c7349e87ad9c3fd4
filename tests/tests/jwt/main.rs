//! Tokens: those of callers (JWT) and those of the control plane.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod algorithms;
mod api_tokens;
mod arrival;
mod at_rest;
mod auth_down;
mod carriers;
mod credentials;
mod endpoint;
mod first_token;
mod issuers;
mod malformed;
mod previous_secret;
mod rotation;
mod test_calls;
mod times;
mod vectors;
