//! The functions of the language, by group.

mod callbacks;
mod crypto;
mod data;
mod date;
mod ids;
mod jwt;
mod kept;
mod links;
mod number;
mod path_cost;
pub(crate) mod range;
mod settings;
mod text;

use crate::lang::registry::Entry;

/// All functions.
pub(crate) const TABLES: &[&[Entry]] = &[
    callbacks::FUNCTIONS,
    crypto::FUNCTIONS,
    data::FUNCTIONS,
    date::FUNCTIONS,
    ids::FUNCTIONS,
    jwt::FUNCTIONS,
    kept::FUNCTIONS,
    links::FUNCTIONS,
    number::FUNCTIONS,
    range::FUNCTIONS,
    settings::FUNCTIONS,
    text::FUNCTIONS,
];
