//! What a caller sent, as the scripts of a run see it: the namespace `__data`.
//!
//! [`classify`] says which of the receiving rules applies to a body and refuses what is malformed;
//! the gateway calls it before anything runs. [`Data`] is then built out of the same bytes, by the
//! gateway for the reply of an asynchronous endpoint, and by the runner for the run. Both use the
//! same parsers, so what the one accepted the other can read.
//!
//! Choices that the rules leave open:
//!
//! - JSON may nest 127 levels deep. A whole number beyond 64 bits becomes a floating-point number;
//!   one beyond the range of those is refused.
//! - Of a JSON object's members with one name the last counts.
//! - A name such as `a[b]` is taken as it stands; only a trailing `[]` means something.
//! - A form value or multipart field that is not UTF-8 has its bad bytes replaced by U+FFFD.
//!   `__data.__body` keeps the exact bytes.
//! - A file input that was left empty (`filename=""` without a byte) is not there.

mod body;
mod callback;
mod classify;
mod disposition;
mod fields;
mod file;
mod headers;
mod json;
mod multipart;
mod namespace;
mod parameters;
mod problem;
mod received;

#[cfg(test)]
mod fixture_tests;
#[cfg(test)]
mod mangled_tests;
#[cfg(test)]
mod received_tests;

pub use classify::classify;
pub use namespace::Data;
pub use problem::BodyProblem;

pub(crate) use body::text_or_base64;
pub(crate) use callback::callback;
pub(crate) use classify::says_json;
pub(crate) use headers::{spellings, spelt_twice};
pub(crate) use json::parse as parse_json;
