//! Letters: what reaches a run from outside while it waits.
//!
//! A run has at most one letter for each of its places, a place being where it waits: the first one that is stored counts.
//! One more, with a key of its own, stops the run.

use std::fmt;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::ids::RunId;
use crate::rpc::Rpc;
use crate::subjects::request_subject;
use crate::v1::reply::Outcome;
use crate::v1::run::Received;

/// Which letter of a run. A part of a subject, and so made of nothing but hexadecimal digits, or one word of ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LetterKey(String);

/// The key of the letter that stops a run.
const CANCEL: &str = "cancel";

/// How many digits the key of a place has.
const DIGITS: usize = 32;

impl LetterKey {
    /// The key of the place whose text has this SHA-256.
    #[must_use]
    pub fn of_place(digest: &[u8; 32]) -> Self {
        let mut text = String::with_capacity(DIGITS);
        for byte in digest.iter().take(DIGITS / 2) {
            // Writing into a text never fails.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The key of the letter that stops a run.
    #[must_use]
    pub fn cancel() -> Self {
        Self(CANCEL.to_owned())
    }

    /// Whether it is that of the letter that stops a run.
    #[must_use]
    pub fn is_cancel(&self) -> bool {
        self.0 == CANCEL
    }

    /// Reads a key as it is written; none where it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_place = text.len() == DIGITS && text.bytes().all(digit);
        (is_place || text == CANCEL).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for LetterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a letter says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letter {
    /// A resume URL was called. The frame's body is the request's, byte for byte.
    Callback {
        /// The request, less its body.
        received: Received,
    },
    /// A run that was called has ended. The frame's body is that of its reply, where it has one.
    Called(Called),
    /// An operator stops the run.
    Cancel,
    /// Nothing is waited for here any more.
    Closed,
    /// There was one, and its run has noted what it says.
    Used,
}

/// How a run ended that another one called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// The run.
    pub run_id: RunId,
    /// How it ended; none where nobody could carry it out.
    pub outcome: Option<Outcome>,
    /// Why it did not end well, a sentence for people.
    pub error: Option<String>,
    /// The status of its reply, where it has one.
    pub status: Option<u16>,
    /// The content type of that.
    pub content_type: Option<String>,
}

/// Who waits for the end of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The run that called it.
    pub run_id: RunId,
    /// The place where that waits.
    pub place: String,
}

/// Stops a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelRun {
    /// The run.
    pub run_id: RunId,
    /// Whether a runner says that it has the run, which then needs not be looked for.
    pub held: bool,
}

impl Rpc for CancelRun {
    const SUBJECT: &'static str = request_subject!("registry", "run.cancel");
    const IDEMPOTENT: bool = true;
    type Reply = Cancelling;
}

/// The answer to [`CancelRun`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cancelling {
    /// The run is told to stop.
    Told,
    /// It has ended.
    Ended,
    /// It is a dead letter.
    Dead,
    /// There is no such run, as far as registry-svc can see: a runner may hold one whose caller waits.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_nothing_else_is_one() {
        let mut digest = [0; 32];
        digest[0] = 0xa7;
        let key = LetterKey::of_place(&digest);
        assert_eq!(key.to_string(), format!("a7{}", "0".repeat(30)));
        assert_eq!(LetterKey::parse(&key.to_string()), Some(key.clone()));
        assert_eq!(LetterKey::parse("cancel"), Some(LetterKey::cancel()));
        assert!(LetterKey::cancel().is_cancel() && !key.is_cancel());
        for wrong in ["", "*", ">", "a7", &"A".repeat(32), &"a".repeat(33)] {
            assert_eq!(LetterKey::parse(wrong), None, "{wrong}");
        }
    }
}
