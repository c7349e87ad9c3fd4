//! JSON Web Tokens: reading and checking those of callers, and signing.
//!
//! The signature is the library's business and is compared in constant time. What may stand in a header and in claims
//! is decided here, to the letter of what Earshot promises, since a library's leniency would be a hole.

mod claims;
mod compact;
mod members;
mod sign;
mod verdict;

pub(crate) use claims::Rules;
pub(crate) use compact::Compact;
pub(crate) use members::Members;
pub(crate) use sign::sign;
pub(crate) use verdict::{Checker, Secrets};

#[cfg(test)]
mod tests;
