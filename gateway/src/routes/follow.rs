//! Keeping the snapshot up to date with the bucket.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bus::Bus;
use bus::kv::{Bucket, BucketError, Change, Follower};
use futures_util::FutureExt;
use shared::frame;
use shared::ids::EndpointId;
use shared::subjects::ROUTES_BUCKET;
use shared::v1::views::RouteView;
use tokio::sync::watch;

use super::{Route, Table};

/// Opens the bucket and returns once all that it holds is served.
///
/// # Errors
/// [`BucketError`] where there is no such bucket.
pub(crate) async fn load(
    bus: &Bus,
    table: Arc<ArcSwap<Table>>,
) -> Result<(Routes, watch::Receiver<u64>), BucketError> {
    let follower = Bucket::open(bus, ROUTES_BUCKET).await?.follow();
    let (revision, revisions) = watch::channel(0);
    let mut routes = Routes {
        follower,
        table,
        revision,
        endpoints: HashMap::new(),
        newest: 0,
        loading: true,
    };
    while routes.loading {
        let change = routes.follower.next().await;
        routes.apply(change);
    }
    routes.swap();
    Ok((routes, revisions))
}

/// Follows the bucket for as long as the process lives.
pub(crate) async fn follow(mut routes: Routes) {
    loop {
        let change = routes.follower.next().await;
        routes.apply(change);
        // A burst of publishes makes one new snapshot, not one each.
        while let Some(change) = routes.follower.next().now_or_never() {
            routes.apply(change);
        }
        if !routes.loading {
            routes.swap();
        }
    }
}

/// The endpoints as the bucket has them, on their way into the snapshot.
pub(crate) struct Routes {
    follower: Follower,
    table: Arc<ArcSwap<Table>>,
    revision: watch::Sender<u64>,
    endpoints: HashMap<EndpointId, Arc<Route>>,
    newest: u64,
    /// While the bucket is read anew the old snapshot stays: a half-read one would deny endpoints.
    loading: bool,
}

impl Routes {
    fn apply(&mut self, change: Change) {
        match change {
            Change::Reset => {
                self.endpoints.clear();
                self.newest = 0;
                self.loading = true;
            }
            Change::Loaded => self.loading = false,
            Change::Deleted { key, revision } => {
                self.newest = self.newest.max(revision);
                if let Ok(id) = key.parse::<EndpointId>() {
                    self.endpoints.remove(&id);
                }
            }
            Change::Put {
                key,
                value,
                revision,
            } => {
                self.newest = self.newest.max(revision);
                match frame::unpack::<RouteView>(&value) {
                    Ok(view) => self.put(view),
                    Err(error) => {
                        tracing::error!(%error, endpoint_id = key, "a route cannot be read");
                        // Better nothing there than a version that is not published any more.
                        if let Ok(id) = key.parse::<EndpointId>() {
                            self.endpoints.remove(&id);
                        }
                    }
                }
            }
        }
    }

    fn put(&mut self, view: RouteView) {
        let id = view.endpoint_id;
        let served = self.table.load();
        let before = self.endpoints.get(&id).or_else(|| served.endpoint(id));
        let route = Route::new(view, before.map(AsRef::as_ref));
        self.endpoints.insert(id, Arc::new(route));
    }

    fn swap(&self) {
        self.table
            .store(Arc::new(Table::new(self.endpoints.clone())));
        self.revision.send_replace(self.newest);
        metrics::gauge!("earshot_gateway_endpoints").set(self.endpoints.len() as f64);
    }
}
