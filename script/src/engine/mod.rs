//! The engine: minijinja, set up so that it knows nothing but this language.

pub(crate) mod capped;
pub(crate) mod environment;
mod format;
mod operators;
pub(crate) mod run;
mod store;
