//! The journal of an asynchronous run: what happened to it from outside, in order.
//!
//! A run is a pure machine, so what it was told is all that another runner needs to bring it to where it was. Entries
//! stand on [`crate::subjects::journal`], each stored only where the one before it is the last: whoever stored the newest
//! entry is the run's owner, and an outdated attempt is refused.

use serde::{Deserialize, Serialize};

use crate::ids::InstanceId;

/// The head of one entry. The frame's body is the body of a response, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the run's journal, from 0.
    pub seq: u32,
    /// The time that the run's scripts read from here on, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// How many steps the run had begun by then.
    pub steps: u64,
    /// The runner that wrote it.
    pub by: InstanceId,
    /// What happened.
    pub fact: Fact,
}

/// What happened to a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// It is about to do the first thing that can be seen outside.
    Begun,
    /// Another attempt takes it over.
    Taken {
        /// How often the run was handed out before.
        attempt: u32,
    },
    /// The request of a step was answered.
    Answered {
        /// The step's id.
        step: String,
        /// The status.
        status: u16,
        /// Header names (lower case) and values, in order.
        headers: Vec<(String, String)>,
    },
    /// The request of a step was not answered.
    Unanswered {
        /// The step's id.
        step: String,
        /// Why, a sentence for people.
        error: String,
    },
    /// An errand of a step, such as one to shared memory, was done. The frame's body is what came of it, as JSON text.
    Returned {
        /// The step's id.
        step: String,
        /// Why nothing came of it, a sentence for people.
        error: Option<String>,
    },
    /// The moment has come that a step waited for.
    Due {
        /// The step's id.
        step: String,
    },
    /// It does nothing but wait, and leaves its runner and the work queue until then.
    Parked,
    /// A person had it begin again: what stands before counts no more.
    Restarted {
        /// Which time that was, so that one is heeded once.
        of: u64,
    },
    /// It was stopped from outside.
    Cancelled,
    /// It has ended. Whoever gets its job again has nothing left to do.
    Ended,
}
