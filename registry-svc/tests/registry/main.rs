//! Integration tests of registry-svc: the store on real databases, the service on a real NATS.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod postgres;
mod service;
mod sqlite;
mod suite;
