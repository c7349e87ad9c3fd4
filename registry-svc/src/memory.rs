//! Clearing away what is gone from shared memory.

use std::time::Duration;

use bus::Bus;
use bus::kv::{Bucket, BucketError, Change};
use ops::clock::now_ms;
use shared::v1::memory::MemoryValue;
use shared::{frame, subjects};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How often that is done.
const EVERY: Duration = Duration::from_secs(3_600);

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// Clears away until `stop`.
pub(crate) async fn run(bus: Bus, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(EVERY) => {}
        }
        match timeout(PATIENCE, sweep(&bus)).await {
            Ok(Ok(0)) => {}
            Ok(Ok(gone)) => tracing::info!(gone, "values that were gone left shared memory"),
            Ok(Err(error)) => tracing::warn!(%error, "shared memory cannot be cleared"),
            Err(_) => tracing::warn!("clearing shared memory took too long"),
        }
    }
}

/// Removes the values that are gone; how many those were. One that was written anew meanwhile stays.
async fn sweep(bus: &Bus) -> Result<usize, BucketError> {
    let bucket = Bucket::open(bus, subjects::MEMORY_BUCKET).await?;
    let mut follower = bucket.follow();
    let mut gone = Vec::new();
    loop {
        match follower.next().await {
            Change::Reset => gone.clear(),
            Change::Put {
                value, revision, ..
            } => {
                let value = frame::unpack::<MemoryValue>(&value);
                if value.is_ok_and(|value| value.expires_at_ms <= now_ms()) {
                    gone.push(revision);
                }
            }
            Change::Deleted { .. } => {}
            Change::Loaded => break,
        }
    }
    for revision in &gone {
        bucket.remove_revision(*revision).await?;
    }
    Ok(gone.len())
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::testing::bus;

    #[tokio::test]
    async fn only_what_is_gone_leaves() {
        let (_server, bus) = bus().await;
        let bucket = Bucket::open(&bus, subjects::MEMORY_BUCKET).await.unwrap();
        for (key, expires_at_ms) in [("a", 1), ("b", now_ms() + 60_000), ("c", 2)] {
            let value = MemoryValue {
                name: key.to_owned(),
                value: "1".to_owned(),
                expires_at_ms,
                added: Vec::new(),
            };
            let value = frame::pack(&value).unwrap();
            bucket.put(key, value).await.unwrap();
        }
        assert_eq!(sweep(&bus).await.unwrap(), 2);
        assert_eq!(bucket.keys().await.unwrap(), ["b"]);
        assert_eq!(sweep(&bus).await.unwrap(), 0);
    }
}
