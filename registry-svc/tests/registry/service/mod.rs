//! The service on a real NATS, asked over the bus as the gateway and auth-svc ask it.

mod concurrency;
mod gateway;
mod lifecycle;
mod listing;
mod many_schedules;
mod platform;
mod publishing;
mod run_log;
mod saving;
mod schedules;
mod settings;
mod tokens;
