//! The credentials of endpoints: sealed in a bucket of the bus, opened in this process's memory alone.

mod check;
mod follow;
mod known;
mod opened;
mod rendering;
mod values;

pub(crate) use check::check;
pub(crate) use follow::follow;
pub(crate) use known::Known;
pub(crate) use opened::Opened;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use bus::Bus;
use bus::kv::Bucket;
use seal::PrivateKey;
use shared::codes::Code;
use shared::ids::{ContentHash, EndpointId};
use shared::v1::reply::Failure;
use shared::v1::views::CredentialsView;
use shared::{frame, subjects};

/// Finds the credentials of an endpoint: in memory, or in the bucket where memory may be behind it.
pub(crate) struct Credentials {
    key: PrivateKey,
    known: Known,
    bucket: OnceLock<Bucket>,
}

impl Credentials {
    /// None are known yet.
    pub(crate) fn new(key: PrivateKey) -> Self {
        Self {
            key,
            known: Known::default(),
            bucket: OnceLock::new(),
        }
    }

    /// The key that they are sealed to.
    pub(crate) fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// The newest credentials of an endpoint, for one who has heard of the revision `heard`.
    ///
    /// Those in memory are the newest where `heard` is the same revision or the one that they replaced. Any other
    /// revision may be one that has not arrived here yet, so the bucket itself is asked: a token that was signed with a
    /// replaced secret is never let through after a publish has ended.
    pub(crate) async fn newest(
        &self,
        bus: &Bus,
        endpoint: EndpointId,
        heard: ContentHash,
    ) -> Result<Arc<Opened>, Failure> {
        if let Some(opened) = self.known.get(endpoint)
            && (opened.revision == heard || opened.replaced == Some(heard))
        {
            return Ok(opened);
        }
        self.stored(bus, endpoint)
            .await?
            .ok_or_else(|| unavailable(endpoint))
    }

    /// The credentials of an endpoint as they are in memory, or else in the bucket; none where it has none.
    pub(crate) async fn any(
        &self,
        bus: &Bus,
        endpoint: EndpointId,
    ) -> Result<Option<Arc<Opened>>, Failure> {
        match self.known.get(endpoint) {
            Some(opened) => Ok(Some(opened)),
            None => self.stored(bus, endpoint).await,
        }
    }

    /// What the bucket holds now. It is not put into memory: what follows the bucket does that in order.
    async fn stored(
        &self,
        bus: &Bus,
        endpoint: EndpointId,
    ) -> Result<Option<Arc<Opened>>, Failure> {
        metrics::counter!("earshot_auth_credentials_fetched_total").increment(1);
        let bucket = match self.bucket.get() {
            Some(bucket) => bucket,
            None => {
                let opened = Bucket::open(bus, subjects::CREDENTIALS_BUCKET).await;
                let opened = opened.map_err(|error| unreachable_bucket(endpoint, &error))?;
                self.bucket.get_or_init(|| opened)
            }
        };
        let value = bucket.get_newest(&subjects::endpoint_key(endpoint)).await;
        let Some(value) = value.map_err(|error| unreachable_bucket(endpoint, &error))? else {
            return Ok(None);
        };
        match frame::unpack::<CredentialsView>(&value) {
            Ok(view) => Ok(Some(Arc::new(Opened::open(&self.key, &view)))),
            Err(error) => {
                tracing::error!(%endpoint, %error, "stored credentials cannot be read");
                Err(unavailable(endpoint))
            }
        }
    }
}

fn unreachable_bucket(endpoint: EndpointId, error: &dyn std::fmt::Display) -> Failure {
    tracing::warn!(%endpoint, %error, "credentials could not be fetched");
    unavailable(endpoint)
}

/// No verdict can be given.
pub(crate) fn unavailable(endpoint: EndpointId) -> Failure {
    let detail = format!("the credentials of endpoint {endpoint} cannot be used at the moment");
    Failure::new(Code::AuthUnavailable, detail)
}
