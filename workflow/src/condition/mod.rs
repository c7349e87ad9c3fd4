//! Decides the questions of `condition` and `switch` steps.
//!
//! The rules, where two readings were possible:
//!
//! - Numbers compare as numbers, also when one or both arrive as text, and exactly: no digit is lost
//!   to floating point. Text with an exponent (`1e3`) is a number only beside a true number, so that
//!   two different texts such as `0e1` and `0e2` are never equal.
//! - Dates compare as moments where both sides are dates.
//! - Anything else compares by the text that a script would print, code point by code point.
//! - Nothing (undefined, null or an empty text), a list and a map are neither greater nor less than
//!   anything.
//! - `true` equals `1`, `"1"` and `"true"`; `false` equals `0`, `"0"`, `"false"` and nothing.
//! - Lists and maps are equal when their parts are. `contains` on a map looks at its values.
//! - `in` beside a value that is no list asks for equality with that value.
//! - `greater_than_now` and `less_than_now` are both false for what is no date.

mod compare;
mod form;
mod holds;
mod moment;
mod number;
mod prepared;
mod print;

#[cfg(test)]
mod operator_tests;

pub use holds::{Right, holds};
pub use prepared::{ConditionError, PrepareError};

pub(crate) use moment::parse_in as moment_in;
pub(crate) use prepared::{Prepared, pattern};
