//! The contract between the services of Earshot.
//!
//! Everything that two services must agree on stands here and nowhere else: the [`subjects`] they
//! talk on, the [`frame`] that each message travels in, the messages themselves ([`v1`]), the closed
//! set of error [`codes`], the [`limits`], the [`ids`] and the [`trace`] context.
//!
//! Nothing here does IO, awaits, or reads a clock, randomness or the environment.

pub mod codes;
pub mod frame;
pub mod ids;
pub mod limits;
pub mod rpc;
pub mod subjects;
pub mod trace;
pub mod v1;
