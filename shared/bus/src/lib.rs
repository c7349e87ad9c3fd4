//! The message bus: how the services of Earshot talk over NATS.
//!
//! One connection per process carries everything. [`Bus`] connects and calls; [`inbox`] is the one
//! reply inbox of a process; [`serve`] takes requests in with admission by permits and drains them;
//! [`queue`] is the durable work queue, [`journal`] what happened to its runs, [`parking`] those that wait for a moment,
//! [`letters`] what reaches them from outside, [`dead_letters`] those that nobody could carry out, [`new_run`] starts one
//! without a call of an endpoint, and [`replay`] reads
//! the kept frames of streams; [`kv`] reads, writes and watches buckets, [`register`] changes one step by step; [`topology`]
//! creates the streams and buckets; [`variables`] is a snapshot of one of these.

mod call;
mod connect;
pub mod dead_letters;
pub mod inbox;
pub mod journal;
pub mod kv;
pub mod letters;
pub mod new_run;
pub mod parking;
mod question;
pub mod queue;
pub mod register;
pub mod replay;
pub mod router;
pub mod serve;
pub mod start;
mod store;
mod stream;
pub mod topology;
pub mod variables;

pub use call::CallError;
pub use connect::{Auth, Bus, ConnectError, NotConnected, Settings};
pub use question::Answer;
pub use store::StoreError;
