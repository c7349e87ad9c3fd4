//! What the world outside gives to the scripts of a run.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use script::{Bounds, Offload, Secrets};

/// Time, randomness and the operator's names, as arguments.
#[derive(Clone)]
pub struct Surroundings {
    /// The time that scripts and conditions read.
    pub now: Timestamp,
    /// Where the randomness of scripts begins; each evaluation derives its own.
    pub seed: u64,
    /// What `variable("NAME")` reads.
    pub variables: Arc<HashMap<String, String>>,
    /// What `secret("NAME")` reads; without it `secret` fails.
    pub secrets: Option<Arc<Secrets>>,
    /// How much one evaluation may cost.
    pub bounds: Bounds,
    /// Where scripts are evaluated that turn out to cost much; without it, where all others are.
    pub offload: Option<Offload>,
    /// Whether evaluations say what they cost, also those too short for it to matter.
    pub measured: bool,
    /// Whether the run log wants to know what scripts made.
    pub recorded: bool,
}

impl Surroundings {
    /// Surroundings without variables and secrets, with the usual bounds.
    #[must_use]
    pub fn new(now: Timestamp, seed: u64) -> Self {
        Self {
            now,
            seed,
            variables: Arc::default(),
            secrets: None,
            bounds: Bounds::default(),
            offload: None,
            measured: false,
            recorded: false,
        }
    }
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither secrets nor variables.
        formatter
            .debug_struct("Surroundings")
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}
