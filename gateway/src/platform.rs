//! What every request of this gateway shares.

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bus::Bus;
use bus::kv::Bucket;
use bus::variables::Variables;
use ipnet::IpNet;
use ops::offload::{Mark, Offloader, Place};
use ops::shutdown::Shutdown;
use script::{Interrupt, Offload};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::control::Tail;
use crate::dispatch::Dispatch;
use crate::idempotency::Keys;
use crate::limits::InFlight;
use crate::routes::{Route, Table};
use crate::verdict::Verdicts;

/// The gateway's shared parts.
pub(crate) struct Platform {
    /// The connection to the other services.
    pub(crate) bus: Bus,
    /// What the operator set.
    pub(crate) config: Config,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub(crate) proxies: Vec<IpNet>,
    /// The endpoints as they are served now.
    pub(crate) routes: Arc<ArcSwap<Table>>,
    /// The variables that scripts read.
    pub(crate) variables: Variables,
    /// The runners, and how runs get to them.
    pub(crate) dispatch: Dispatch,
    /// Verdicts of auth-svc.
    pub(crate) verdicts: Verdicts,
    /// The bound on requests in work.
    pub(crate) in_flight: InFlight,
    /// Replies that were kept for callers who come back.
    pub(crate) replies: Bucket,
    /// Runs that end, for whoever follows them.
    pub(crate) tail: Tail,
    /// Requests that came with an `Idempotency-Key`.
    pub(crate) keys: Keys,
    /// For heavy scripts.
    pub(crate) offloader: Offloader,
    /// Background tasks, and the word that ends them.
    pub(crate) tasks: Shutdown,
    /// Cancelled when a drain begins: every reply is then the last of its connection.
    pub(crate) draining: CancellationToken,
    /// Cancelled when streams must end.
    pub(crate) ending: CancellationToken,
    /// The beginning of every endpoint's URL, without a trailing slash.
    pub(crate) public_url: String,
}

impl Platform {
    /// Where scripts are evaluated that bear this mark, and that for their scope.
    pub(crate) fn offload(&self, mark: Arc<Mark>) -> (Arc<Place>, Offload) {
        let place = Arc::new(Place::new(self.offloader.clone(), mark));
        let offload = Offload::new({
            let place = place.clone();
            move |work| place.carry(|over, bound| work(Interrupt::new(over, bound)))
        });
        (place, offload)
    }

    /// Whether the endpoint of a route is published still, perhaps in another version.
    pub(crate) fn serves(&self, route: &Route) -> bool {
        self.routes.load().at(&route.view.hashes).is_some()
    }
}

/// The beginning of every endpoint's URL: as configured, else the listener's own address.
pub(crate) fn public_url(config: &Config, listener: SocketAddr) -> String {
    if let Some(url) = &config.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    if listener.ip().is_unspecified() {
        return format!("http://localhost:{}", listener.port());
    }
    format!("http://{listener}")
}
