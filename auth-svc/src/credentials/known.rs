//! The credentials in memory, by endpoint.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use shared::ids::EndpointId;

use super::opened::Opened;

/// All of a bucket's credentials, opened.
pub(crate) type Table = HashMap<EndpointId, Arc<Opened>>;

/// What verdicts are given from. One task writes, in the order of the bucket; verdicts read.
#[derive(Default)]
pub(crate) struct Known {
    table: RwLock<Table>,
}

impl Known {
    /// The credentials of an endpoint, where there are any.
    pub(crate) fn get(&self, endpoint: EndpointId) -> Option<Arc<Opened>> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table.get(&endpoint).cloned()
    }

    /// Puts newer ones in the place of those that are there, and keeps in mind which they replaced.
    pub(crate) fn put(&self, endpoint: EndpointId, mut opened: Opened) {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        opened.replaced = table.get(&endpoint).map(|before| before.revision);
        table.insert(endpoint, Arc::new(opened));
    }

    /// Forgets those of an endpoint.
    pub(crate) fn remove(&self, endpoint: EndpointId) {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        table.remove(&endpoint);
    }

    /// Puts a whole bucket in the place of all that was known.
    pub(crate) fn replace(&self, whole: Table) {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        *table = whole;
    }
}
