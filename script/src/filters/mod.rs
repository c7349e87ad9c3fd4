//! The filters and tests of the language, by group.

pub(crate) mod arrows;
pub(crate) mod casing;
pub(crate) mod date;
pub(crate) mod escape;
pub(crate) mod json;
pub(crate) mod list;
pub(crate) mod markup;
pub(crate) mod number;
pub(crate) mod slices;
pub(crate) mod sort;
pub(crate) mod split;
pub(crate) mod tests;
pub(crate) mod text;
pub(crate) mod url;

use crate::lang::registry::Entry;

/// All filters.
pub(crate) const TABLES: &[&[Entry]] = &[
    arrows::FILTERS,
    casing::FILTERS,
    date::FILTERS,
    escape::FILTERS,
    json::FILTERS,
    list::FILTERS,
    markup::FILTERS,
    number::FILTERS,
    slices::FILTERS,
    sort::FILTERS,
    split::FILTERS,
    text::FILTERS,
    url::FILTERS,
];
