//! Letting go of a caller that does not take its reply.

use std::time::Duration;

use http::Version;
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Connection;
use crate::limits::Place;

/// A reply up to this size leaves the gateway's hands at once over HTTP/1, whether the caller reads or not.
const SMALL: u64 = 64 * 1024;

/// The slowest that a caller may take a reply, in bytes a second.
const SLOWEST: u64 = 16 * 1024;

/// What holds one request's caller.
#[derive(Clone, Debug)]
pub(crate) enum Leash {
    /// The connection is this caller's alone: cutting it ends whatever it was sent.
    Own(CancellationToken),
    /// Others share the connection (HTTP/2): all that can be taken from this one is its place.
    Shared(CancellationToken),
}

impl Leash {
    /// The leash of a request.
    pub(crate) fn of(connection: &Connection, version: Version) -> Self {
        if version < Version::HTTP_2 {
            Self::Own(connection.cut.clone())
        } else {
            Self::Shared(CancellationToken::new())
        }
    }

    /// Lets the caller go.
    pub(crate) fn cut(&self) {
        let (Self::Own(token) | Self::Shared(token)) = self;
        token.cancel();
    }

    /// Whether a reply of this length, of which none is known for a stream, may be kept waiting by its caller.
    fn can_stall(&self, length: Option<u64>) -> bool {
        match self {
            Self::Own(_) => length.is_some_and(|length| length > SMALL),
            Self::Shared(_) => length != Some(0),
        }
    }

    /// Watches over the place of a request whose caller may not take its reply; what comes back ends the watch. The
    /// place itself comes back where there is nothing to watch.
    ///
    /// A whole reply has `patience`, and as long again as its bytes take at the slowest rate. A stream has a watch of
    /// its own, which cuts the leash.
    pub(crate) fn watch(
        &self,
        place: Place,
        length: Option<u64>,
        patience: Duration,
    ) -> Result<DropGuard, Place> {
        if !self.can_stall(length) {
            return Err(place);
        }
        let (leash, taken) = (self.clone(), CancellationToken::new());
        let guard = taken.clone().drop_guard();
        tokio::spawn(async move {
            let late = async {
                match length {
                    Some(length) => sleep(patience + Duration::from_secs(length / SLOWEST)).await,
                    None => std::future::pending().await,
                }
            };
            let (Self::Own(cut) | Self::Shared(cut)) = &leash;
            tokio::select! {
                () = taken.cancelled() => {}
                () = cut.cancelled() => {}
                () = late => {
                    metrics::counter!("earshot_gateway_slow_readers_total").increment(1);
                    tracing::info!(code = "reader_too_slow", "a reply's reader was too slow and was let go");
                    leash.cut();
                }
            }
            drop(place);
        });
        Ok(guard)
    }
}
