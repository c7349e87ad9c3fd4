//! registry-svc: the only holder of the database.
//!
//! It stores workflows, their drafts and their immutable published versions, endpoints and the hashes of API tokens
//! ([`store`]); carries out what the gateway and auth-svc ask of it ([`operations`]); and keeps what is published in the
//! buckets that the other services watch ([`views`]).
//!
//! It never sees a secret: credentials come sealed, and only auth-svc can open them. Nothing on the way of a call asks
//! it for anything.

mod config;
mod journals;
mod memory;
pub mod operations;
mod parking;
mod router;
mod run_log;
mod schedules;
mod service;
pub mod store;
#[cfg(test)]
mod testing;
mod timetable;
pub mod views;
mod watch;

pub use config::Config;
pub use service::Registry;
