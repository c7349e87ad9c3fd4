//! What a script may see.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use minijinja::Value;

use crate::asks::Asks;
use crate::interrupt::Offload;
use crate::secrets::Secrets;

/// Everything that a script may see. It is cheap to clone.
#[derive(Debug, Clone)]
pub struct Scope {
    pub(crate) data: Value,
    pub(crate) now: Timestamp,
    pub(crate) seed: u64,
    pub(crate) variables: Arc<HashMap<String, String>>,
    pub(crate) secrets: Option<Arc<Secrets>>,
    pub(crate) names: Arc<BTreeMap<String, Value>>,
    pub(crate) offload: Option<Offload>,
    pub(crate) measured: bool,
    pub(crate) asks: Option<Asks>,
}

impl Scope {
    /// A scope with `data` as `__data`, the time `now` and the random `seed`; without variables and secrets.
    #[must_use]
    pub fn new(data: Value, now: Timestamp, seed: u64) -> Self {
        Self {
            data,
            now,
            seed,
            variables: Arc::default(),
            secrets: None,
            names: Arc::default(),
            offload: None,
            measured: false,
            asks: None,
        }
    }

    /// What `variable("NAME")` reads.
    #[must_use]
    pub fn with_variables(mut self, variables: Arc<HashMap<String, String>>) -> Self {
        self.variables = variables;
        self
    }

    /// What `secret("NAME")` reads. Where this was not called, `secret` fails.
    #[must_use]
    pub fn with_secrets(mut self, secrets: Arc<Secrets>) -> Self {
        self.secrets = Some(secrets);
        self
    }

    /// Where scripts are evaluated that turn out to cost much; without it, where all others are.
    #[must_use]
    pub fn with_offload(mut self, offload: Offload) -> Self {
        self.offload = Some(offload);
        self
    }

    /// Where scripts ask what is outside. Where this was not called, functions that ask fail.
    #[must_use]
    pub fn with_asks(mut self, asks: Asks) -> Self {
        self.asks = Some(asks);
        self
    }

    /// Has evaluations say what they cost, also those that are too short to be worth it.
    #[must_use]
    pub fn measured(mut self) -> Self {
        self.measured = true;
        self
    }

    /// Names beside `__data` at the top level, such as the item of a loop over steps.
    #[must_use]
    pub fn with_names(mut self, names: Arc<BTreeMap<String, Value>>) -> Self {
        self.names = names;
        self
    }

    /// The same scope with other `__data`.
    #[must_use]
    pub fn with_data(mut self, data: Value) -> Self {
        self.data = data;
        self
    }

    /// `__data`.
    #[must_use]
    pub fn data(&self) -> &Value {
        &self.data
    }
}
