//! One way for every service to start and stop: configuration, telemetry, the ops port, signals and drain.
//!
//! A service implements [`Service`] and its `main.rs` is `fn main() -> ExitCode { ops::main::<Gateway>() }`.
//! Nothing in a service depends on [`main`]: several services can be started in one process with [`Service::start`].

mod announce;
pub mod clock;
pub mod config;
mod health;

mod lifecycle;
pub mod offload;
mod panics;
mod planted;
pub mod port;
mod secret;
mod service;
mod settings;
pub mod shutdown;
pub mod telemetry;

pub use announce::announce;
pub use health::{Health, State};
pub use lifecycle::main;
pub use panics::log_panics;
pub use planted::planted;
pub use secret::Secret;
pub use service::{Service, StartError};
pub use settings::{LogFormat, NatsSettings, OpsSettings, Settings};
