//! The commands, one a file.

pub(crate) mod apply;
pub(crate) mod dead_letter;
pub(crate) mod endpoints;
pub(crate) mod files;
pub(crate) mod invoke;
mod moment;
pub(crate) mod publish;
mod run_page;
pub(crate) mod runs;
pub(crate) mod script;
pub(crate) mod settings;
pub(crate) mod token;
mod trials;
pub(crate) mod validate;
