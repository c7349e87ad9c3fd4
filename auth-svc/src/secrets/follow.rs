//! Keeping memory in step with the bucket.

use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use bus::kv::{Bucket, Change};
use bytes::Bytes;
use ops::{Health, State};
use shared::ids::SettingId;
use shared::v1::settings::SecretView;
use shared::{frame, subjects};
use tokio::time::sleep;

use super::Secrets;
use super::known::{Table, put, remove};

/// The health check that is ready once the bucket has been read.
const CHECK: &str = "secrets";

/// Follows the bucket for as long as the process lives. Run it beside a signal to stop.
pub(crate) async fn follow(secrets: Arc<Secrets>, bus: Bus, health: Health) {
    let waiting = State::waiting("for the secrets bucket; is registry-svc running?");
    health.set(CHECK, waiting);
    let bucket = open(&bus).await;
    health.set(CHECK, State::waiting("for the secrets to be read"));
    let mut news = bucket.follow();
    let mut reading = Some(Table::new());
    loop {
        match news.next().await {
            Change::Reset => reading = Some(Table::new()),
            Change::Put { key, value, .. } => secrets.put(reading.as_mut(), &key, &value),
            Change::Deleted { key, .. } => secrets.removed(reading.as_mut(), &key),
            Change::Loaded => {
                if let Some(whole) = reading.take() {
                    tracing::info!(secrets = whole.len(), "secrets read");
                    secrets.known.change(|table| *table = whole);
                }
                health.set(CHECK, State::Ready);
            }
        }
    }
}

async fn open(bus: &Bus) -> Bucket {
    let mut pause = Duration::from_millis(50);
    loop {
        match Bucket::open(bus, subjects::SECRETS_BUCKET).await {
            Ok(bucket) => return bucket,
            Err(error) => tracing::debug!(%error, "the secrets bucket is not there yet"),
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}

impl Secrets {
    /// Takes a new one in; while the bucket is read as a whole, into `reading`.
    pub(super) fn put(&self, reading: Option<&mut Table>, key: &str, value: &Bytes) {
        let view = match frame::unpack::<SecretView>(value) {
            Ok(view) => view,
            Err(error) => {
                tracing::error!(key, %error, "a stored secret cannot be read");
                return self.removed(reading, key);
            }
        };
        let value = self.open(&view);
        match reading {
            Some(table) => put(table, value),
            None => self.known.change(|table| put(table, value)),
        }
    }

    pub(super) fn removed(&self, reading: Option<&mut Table>, key: &str) {
        let Ok(id) = key.parse::<SettingId>() else {
            return;
        };
        match reading {
            Some(table) => remove(table, id),
            None => self.known.change(|table| remove(table, id)),
        }
    }
}
