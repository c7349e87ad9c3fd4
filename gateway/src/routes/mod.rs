//! The endpoints as this gateway serves them: an immutable snapshot, swapped whole.

mod follow;
mod presence;
mod route;

use std::collections::HashMap;
use std::sync::Arc;

use shared::ids::{EndpointId, UrlHashes};

pub(crate) use follow::{follow, load};
pub(crate) use presence::announce;
pub(crate) use route::{Renderer, Route};

/// All endpoints at one moment.
#[derive(Debug, Default)]
pub(crate) struct Table {
    by_hashes: HashMap<UrlHashes, Arc<Route>>,
    by_endpoint: HashMap<EndpointId, Arc<Route>>,
}

impl Table {
    /// The snapshot of these endpoints.
    fn new(by_endpoint: HashMap<EndpointId, Arc<Route>>) -> Self {
        let by_hashes = by_endpoint
            .values()
            .map(|route| (route.view.hashes, route.clone()))
            .collect();
        Self {
            by_hashes,
            by_endpoint,
        }
    }

    /// The endpoint behind a URL.
    pub(crate) fn at(&self, hashes: &UrlHashes) -> Option<&Arc<Route>> {
        self.by_hashes.get(hashes)
    }

    /// The endpoint with an id.
    pub(crate) fn endpoint(&self, id: EndpointId) -> Option<&Arc<Route>> {
        self.by_endpoint.get(&id)
    }
}
