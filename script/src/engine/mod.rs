//! The engine: minijinja, set up so that it knows nothing but this language.

pub(crate) mod arrow;
pub(crate) mod capped;
pub(crate) mod engines;
pub(crate) mod environment;
mod format;
mod operators;
mod presence;
pub(crate) mod run;
mod safety;
mod store;
