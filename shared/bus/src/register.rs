//! A bucket whose keys are changed only by who has seen what they hold.

use std::time::Duration;

use async_nats::header::HeaderMap;
use async_nats::jetstream::kv::Store;
use bytes::Bytes;
use shared::subjects;
use tokio::time::timeout;

use crate::connect::Bus;
use crate::kv::{BucketError, newest};
use crate::store::StoreError;

/// One such bucket. No change waits longer than its patience, also not for NATS to be there.
#[derive(Clone)]
pub struct Register {
    bus: Bus,
    name: &'static str,
    store: Store,
    patience: Duration,
}

/// What a key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The value; none where it has none.
    pub value: Option<Bytes>,
    /// The revision of the key's last change; 0 where there was none.
    pub revision: u64,
}

impl Register {
    /// Opens a bucket that exists.
    ///
    /// # Errors
    /// [`BucketError`] where it does not, or NATS is away.
    pub async fn open(
        bus: &Bus,
        name: &'static str,
        patience: Duration,
    ) -> Result<Self, BucketError> {
        let store = bus.jetstream().get_key_value(name).await;
        let store = store.map_err(|error| BucketError::new(name, &error))?;
        Ok(Self {
            bus: bus.clone(),
            name,
            store,
            patience,
        })
    }

    /// What a key holds, as the leader of the bucket has it.
    ///
    /// # Errors
    /// [`BucketError`], also where nothing came in time.
    pub async fn read(&self, key: &str) -> Result<Seen, BucketError> {
        self.bus
            .connected()
            .map_err(|error| BucketError::new(self.name, &error))?;
        let found = timeout(self.patience, newest(&self.store, self.name, key))
            .await
            .map_err(|error| BucketError::new(self.name, &error))??;
        let (value, revision) = found.unwrap_or((None, 0));
        Ok(Seen { value, revision })
    }

    /// Sets a key whose last change is `after` (0: there was none). The revision thereafter.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] where its last change is another; see [`StoreError`] for the others.
    pub async fn write(&self, key: &str, after: u64, value: Bytes) -> Result<u64, StoreError> {
        let subject = subjects::bucket_subject(self.name, key);
        self.bus
            .store_after(subject, after, value, self.patience)
            .await
    }

    /// Takes the value of a key away whose last change is `after`.
    ///
    /// # Errors
    /// As [`Register::write`].
    pub async fn withdraw(&self, key: &str, after: u64) -> Result<(), StoreError> {
        let subject = subjects::bucket_subject(self.name, key);
        let mut headers = HeaderMap::new();
        headers.insert("KV-Operation", "DEL");
        let withdrawn = self
            .bus
            .change_after(subject, headers, after, Bytes::new(), self.patience);
        withdrawn.await.map(drop)
    }
}
