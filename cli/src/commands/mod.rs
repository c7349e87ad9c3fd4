//! The commands, one a file.

pub(crate) mod apply;
pub(crate) mod dead_letter;
pub(crate) mod endpoints;
pub(crate) mod files;
pub(crate) mod invoke;
pub(crate) mod publish;
pub(crate) mod script;
pub(crate) mod settings;
pub(crate) mod token;
pub(crate) mod validate;
