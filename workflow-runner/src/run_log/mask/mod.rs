//! Masking: what looks like a secret prints as `***`.
//!
//! It goes by names (of headers, of fields in queries, forms and JSON), by what URLs say before an `@`, by the two hashes
//! in a listener's URL, and by texts that are known to be secret. It reads what was cut off in the middle, and what is
//! not quite well-formed: a record is masked whatever was sent.

mod body;
mod form;
mod hidden;
mod json;
mod multipart;
mod names;
mod text;

pub(super) use body::{Media, body};
pub(super) use form::form;
pub(super) use hidden::{Hidden, LONGEST, Masks, Secrets};
pub(super) use names::{secret_field, secret_header};
pub(super) use text::text;

pub(super) use shared::v1::run_log::MASK;
