//! The run log on its way into the database, and out of it again when it is old.

mod ingest;
mod retain;
mod summary;

pub(crate) use ingest::ingest;
pub(crate) use retain::retain;
