//! The gateway: the only service that speaks HTTP to the world.
//!
//! Callers reach the endpoints on the listener port, authors and operators the control plane on a port of its own. The
//! gateway holds no secret and no database: routes come out of a bucket, verdicts from auth-svc, replies from
//! workflow-runner.

mod asked;
mod config;
mod control;
mod cors;
mod dispatch;
mod idempotency;
mod limits;
mod listener;
mod platform;
mod problem;
mod receive;
mod reply;
mod routes;
mod service;
mod verdict;

pub use config::Config;
pub use service::Gateway;
