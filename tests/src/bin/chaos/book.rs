//! What the checker holds: every request, what became of it, and every call that a step made.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::kinds::Kind;

/// Whether a request was accepted, as far as its caller knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accepted {
    /// Still on its way.
    Pending,
    /// It was told so.
    Yes,
    /// It was refused, or its connection broke: the run may be there or not.
    Unsure,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) kind: Kind,
    pub(crate) accepted: Accepted,
    pub(crate) began: Instant,
    /// Whether its caller has all that it was promised: a reply behind a link, a stream to its end.
    pub(crate) answered: bool,
}

/// A call of a step.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) step: String,
    pub(crate) at: Instant,
    /// Its `Idempotency-Key`.
    pub(crate) key: Option<String>,
    /// The answer of the step above it, as this one tells.
    pub(crate) saw: Option<String>,
    /// The number in shared memory.
    pub(crate) count: Option<i64>,
    /// The process that called, where it could be found.
    pub(crate) pid: Option<u32>,
}

/// What a success shows to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// A request was accepted.
    Accepting,
    /// A synchronous run was carried out.
    Running,
    /// A token was judged.
    Judging,
    /// The control plane answered.
    Listing,
}

/// A request that succeeded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Success {
    pub(crate) shows: Shows,
    pub(crate) gateway: usize,
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
}

/// What stands in the book.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    /// Requests by their tokens.
    pub(crate) sent: BTreeMap<String, Sent>,
    /// Calls of steps by the tokens of their requests, in the order in which they came.
    pub(crate) seen: HashMap<String, Vec<Seen>>,
    pub(crate) successes: Vec<Success>,
    /// Replies that no request of their kind may get.
    pub(crate) wrong: Vec<String>,
    /// How often each kind got which answer.
    pub(crate) answers: BTreeMap<(Kind, String), u64>,
}

/// The book, which callers and the recorder write.
#[derive(Debug, Default)]
pub(crate) struct Book(Mutex<Pages>);

impl Book {
    /// Reads or writes.
    pub(crate) fn open(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request goes out.
    pub(crate) fn sends(&self, token: &str, kind: Kind) {
        let sent = Sent {
            kind,
            accepted: Accepted::Pending,
            began: Instant::now(),
            answered: false,
        };
        self.open().sent.insert(token.to_owned(), sent);
    }

    /// Its caller knows more.
    pub(crate) fn knows(&self, token: &str, accepted: Accepted) {
        if let Some(sent) = self.open().sent.get_mut(token)
            && sent.accepted != Accepted::Yes
        {
            sent.accepted = accepted;
        }
    }

    /// Its caller has all that it was promised.
    pub(crate) fn has_all(&self, token: &str) {
        if let Some(sent) = self.open().sent.get_mut(token) {
            sent.answered = true;
        }
    }

    /// An answer came that is no fault by itself.
    pub(crate) fn counts(&self, kind: Kind, answer: &str) {
        let mut pages = self.open();
        *pages.answers.entry((kind, answer.to_owned())).or_default() += 1;
    }

    /// A reply was wrong.
    pub(crate) fn wrong(&self, token: &str, what: &str) {
        self.open().wrong.push(format!("{token}: {what}"));
    }
}
