//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the same key on the same endpoint runs once, at whichever
//! gateway it comes in, and gets the first reply again.
//!
//! What is known of a key stands in one bucket that all gateways share. [`Key`] is what a request is found by, [`Keys`] the
//! bucket with the right to be the one who runs it ([`Claim`]), `entry` what is written there, and `held` how another
//! gateway finds out that nobody is at a request any more. The way of a request with a key is in `listener/keyed.rs`.

mod claim;
mod entry;
mod fate;
mod held;
mod key;

pub(crate) use claim::{Claim, Keys, Known, answered};
pub(crate) use entry::replay;
pub(crate) use held::intake;
pub(crate) use key::Key;

#[cfg(test)]
mod tests;
