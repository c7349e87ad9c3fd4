//! `Idempotency-Key`: the same key on the same endpoint runs once, whichever gateway it comes to, and gets the first reply.

mod at_once;
mod callers;
mod outages;
mod platform;
mod refusals;
mod repeats;
mod streams;
mod takeover;
