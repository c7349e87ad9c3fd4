//! The run log on its way into the database, and out of it again when it is old.

mod close;
mod ingest;
mod retain;
mod summary;

pub(crate) use close::{Closing, close};
pub(crate) use ingest::ingest;
pub(crate) use retain::retain;
#[cfg(test)]
pub(crate) use summary::stored;
