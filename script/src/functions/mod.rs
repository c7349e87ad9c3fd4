//! The functions of the language, by group.

mod data;
mod date;
mod ids;
mod number;
mod path_cost;
pub(crate) mod range;
mod settings;
mod text;

use crate::lang::registry::Entry;

/// All functions.
pub(crate) const TABLES: &[&[Entry]] = &[
    data::FUNCTIONS,
    date::FUNCTIONS,
    ids::FUNCTIONS,
    number::FUNCTIONS,
    range::FUNCTIONS,
    settings::FUNCTIONS,
    text::FUNCTIONS,
];
