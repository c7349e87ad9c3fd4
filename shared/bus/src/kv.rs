//! Buckets: small values that every service reads from its own memory.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::Context;
use async_nats::jetstream::kv::{CreateErrorKind, Operation, Store, Watch};
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::connect::Bus;
use crate::stream::last_on;

/// Why a bucket cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("bucket {bucket} cannot be used: {reason}")]
pub struct BucketError {
    bucket: String,
    reason: String,
}

impl BucketError {
    pub(crate) fn new(bucket: &str, error: &dyn std::fmt::Display) -> Self {
        failed(bucket, error)
    }
}

/// One bucket.
#[derive(Clone)]
pub struct Bucket {
    name: &'static str,
    context: Context,
    connections: watch::Receiver<u64>,
    store: Store,
}

impl Bucket {
    /// Opens a bucket that exists.
    ///
    /// # Errors
    /// [`BucketError`] where it does not, or NATS is away.
    pub async fn open(bus: &Bus, name: &'static str) -> Result<Self, BucketError> {
        let context = bus.jetstream();
        let store = context.get_key_value(name).await;
        let store = store.map_err(|error| failed(name, &error))?;
        let connections = bus.connections();
        Ok(Self {
            name,
            context,
            connections,
            store,
        })
    }

    /// The value of a key.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>, BucketError> {
        self.store
            .get(key)
            .await
            .map_err(|error| failed(self.name, &error))
    }

    /// The value of a key as the leader of the bucket has it. [`Bucket::get`] may ask any replica, of which one may be
    /// behind.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn get_newest(&self, key: &str) -> Result<Option<Bytes>, BucketError> {
        let found = newest(&self.store, self.name, key).await?;
        Ok(found.and_then(|(value, _)| value))
    }

    /// Sets a key; the bucket's revision thereafter.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn put(&self, key: &str, value: Bytes) -> Result<u64, BucketError> {
        self.store
            .put(key, value)
            .await
            .map_err(|error| failed(self.name, &error))
    }

    /// Sets a key unless it has a value. Whether it had none.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn put_first(&self, key: &str, value: Bytes) -> Result<bool, BucketError> {
        match self.store.create(key, value).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == CreateErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(failed(self.name, &error)),
        }
    }

    /// Removes a key; the bucket's revision thereafter.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn delete(&self, key: &str) -> Result<u64, BucketError> {
        let mut headers = HeaderMap::new();
        headers.insert("KV-Operation", "DEL");
        let subject = format!("{}{key}", self.store.prefix);
        let acknowledged = async {
            let sent = self
                .context
                .publish_with_headers(subject, headers, Bytes::new());
            sent.await?.await
        };
        // The acknowledgement names the revision; a read may come from a replica that is behind.
        acknowledged
            .await
            .map(|ack| ack.sequence)
            .map_err(|error| failed(self.name, &error))
    }

    /// Removes a key without a trace. Only for a bucket that nobody follows: a follower does not hear of it.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn forget(&self, key: &str) -> Result<(), BucketError> {
        let subject = format!("{}{key}", self.store.prefix);
        let purged = self.store.stream.purge().filter(subject).await;
        purged.map(drop).map_err(|error| failed(self.name, &error))
    }

    /// Removes a value where the bucket's revision of it is still this. Only for a bucket that nobody follows.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn remove_revision(&self, revision: u64) -> Result<(), BucketError> {
        match self.store.stream.delete_message(revision).await {
            Ok(_) => Ok(()),
            Err(error) => match self.store.stream.get_raw_message(revision).await {
                Err(missing) if missing.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(()),
                _ => Err(failed(self.name, &error)),
            },
        }
    }

    /// Every key that has a value.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn keys(&self) -> Result<Vec<String>, BucketError> {
        let mut keys = self
            .store
            .keys()
            .await
            .map_err(|error| failed(self.name, &error))?;
        let mut found = Vec::new();
        while let Some(key) = keys.next().await {
            found.push(key.map_err(|error| failed(self.name, &error))?);
        }
        Ok(found)
    }

    /// The revision of the last change to any key; 0 where there was none.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn last_revision(&self) -> Result<u64, BucketError> {
        let status = self
            .store
            .status()
            .await
            .map_err(|error| failed(self.name, &error))?;
        Ok(status.info.state.last_sequence)
    }

    /// Follows the bucket: all that it holds, then each change, for as long as the process lives.
    #[must_use]
    pub fn follow(&self) -> Follower {
        Follower {
            bucket: self.clone(),
            watch: None,
            loaded: false,
            queued: None,
        }
    }
}

/// What the leader of a bucket has of a key, and its revision: none where the key was never set, no value where it was
/// deleted.
pub(crate) async fn newest(
    store: &Store,
    name: &str,
    key: &str,
) -> Result<Option<(Option<Bytes>, u64)>, BucketError> {
    let subject = format!("{}{key}", store.prefix);
    let found = last_on(&store.stream, &subject).await;
    let found = found.map_err(|error| failed(name, &error))?;
    Ok(found.map(|message| {
        // What was deleted is marked so by a header; a value carries none of the kind.
        let deleted = message.headers.get("KV-Operation").is_some();
        let value = (!deleted).then_some(message.payload);
        (value, message.sequence)
    }))
}

/// News from a bucket.
#[derive(Clone, Debug)]
pub enum Change {
    /// What follows up to [`Change::Loaded`] is the whole of the bucket: forget what was there.
    Reset,
    /// A key has a value.
    Put {
        /// The key.
        key: String,
        /// Its value.
        value: Bytes,
        /// The bucket's revision.
        revision: u64,
    },
    /// A key has none any more.
    Deleted {
        /// The key.
        key: String,
        /// The bucket's revision.
        revision: u64,
    },
    /// All that the bucket held has been told.
    Loaded,
}

/// A bucket's news, one by one. After a fault it starts over with [`Change::Reset`].
pub struct Follower {
    bucket: Bucket,
    watch: Option<Watch>,
    loaded: bool,
    queued: Option<Change>,
}

impl Follower {
    /// The next piece of news. Waits for NATS for as long as it takes.
    pub async fn next(&mut self) -> Change {
        loop {
            if let Some(change) = self.queued.take() {
                return change;
            }
            let Some(watch) = self.watch.as_mut() else {
                match self.begin().await {
                    Ok(()) => return Change::Reset,
                    Err(error) => {
                        tracing::warn!(%error, "a bucket cannot be followed yet");
                        sleep(Duration::from_millis(250)).await;
                        continue;
                    }
                }
            };
            let told = tokio::select! {
                told = watch.next() => told,
                // The server has forgotten the watch, and would say nothing for seconds.
                Ok(()) = self.bucket.connections.changed() => None,
            };
            match told {
                Some(Ok(entry)) => {
                    if !self.loaded && entry.delta == 0 {
                        self.loaded = true;
                        self.queued = Some(Change::Loaded);
                    }
                    let (key, revision) = (entry.key, entry.revision);
                    return match entry.operation {
                        Operation::Put => Change::Put {
                            key,
                            value: entry.value,
                            revision,
                        },
                        Operation::Delete | Operation::Purge => Change::Deleted { key, revision },
                    };
                }
                Some(Err(error)) => {
                    tracing::warn!(%error, bucket = self.bucket.name, "following starts over");
                    self.watch = None;
                }
                None => self.watch = None,
            }
        }
    }

    async fn begin(&mut self) -> Result<(), BucketError> {
        let name = self.bucket.name;
        self.bucket.connections.mark_unchanged();
        // Opened anew, since a store's status is that of when it was opened. What comes between the
        // two is told by the watch as a change.
        let store = self.bucket.context.get_key_value(name).await;
        let store = store.map_err(|error| failed(name, &error))?;
        let status = store.status().await.map_err(|error| failed(name, &error))?;
        let watch = self.bucket.store.watch_with_history(">").await;
        self.watch = Some(watch.map_err(|error| failed(name, &error))?);
        self.loaded = status.values() == 0;
        self.queued = self.loaded.then_some(Change::Loaded);
        Ok(())
    }
}

fn failed(bucket: &str, error: &dyn std::fmt::Display) -> BucketError {
    BucketError {
        bucket: bucket.to_owned(),
        reason: error.to_string(),
    }
}
