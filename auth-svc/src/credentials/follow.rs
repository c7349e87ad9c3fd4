//! Keeping memory in step with the bucket.

use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use bus::kv::{Bucket, Change};
use bytes::Bytes;
use ops::{Health, State};
use shared::ids::EndpointId;
use shared::v1::views::CredentialsView;
use shared::{frame, subjects};
use tokio::time::sleep;

use super::Credentials;
use super::known::Table;
use super::opened::Opened;

/// The health check that is ready once the bucket has been read.
pub(crate) const CHECK: &str = "credentials";

/// Follows the bucket for as long as the process lives. Run it beside a signal to stop.
pub(crate) async fn follow(credentials: Arc<Credentials>, bus: Bus, health: Health) {
    health.set(
        CHECK,
        State::waiting("for the credentials bucket; is registry-svc running?"),
    );
    let bucket = open(&bus).await;
    health.set(CHECK, State::waiting("for the credentials to be read"));
    let mut news = bucket.follow();
    let mut reading = Some(Table::new());
    loop {
        match news.next().await {
            Change::Reset => reading = Some(Table::new()),
            Change::Put { key, value, .. } => credentials.put(reading.as_mut(), &key, &value),
            Change::Deleted { key, .. } => credentials.removed(reading.as_mut(), &key),
            Change::Loaded => {
                if let Some(whole) = reading.take() {
                    tracing::info!(endpoints = whole.len(), "credentials read");
                    credentials.known.replace(whole);
                }
                health.set(CHECK, State::Ready);
            }
        }
    }
}

async fn open(bus: &Bus) -> Bucket {
    let mut pause = Duration::from_millis(50);
    loop {
        match Bucket::open(bus, subjects::CREDENTIALS_BUCKET).await {
            Ok(bucket) => return bucket,
            Err(error) => tracing::debug!(%error, "the credentials bucket is not there yet"),
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}

impl Credentials {
    /// Takes new ones in; while the bucket is read as a whole, into `reading`.
    fn put(&self, reading: Option<&mut Table>, key: &str, value: &Bytes) {
        let Ok(endpoint) = key.parse::<EndpointId>() else {
            tracing::warn!(key, "a key of the credentials bucket is no endpoint's");
            return;
        };
        let view = match frame::unpack::<CredentialsView>(value) {
            Ok(view) => view,
            Err(error) => {
                tracing::error!(%endpoint, %error, "stored credentials cannot be read");
                return self.removed(reading, key);
            }
        };
        let opened = Opened::open(&self.key, &view);
        match reading {
            Some(table) => {
                table.insert(endpoint, Arc::new(opened));
            }
            None => self.known.put(endpoint, opened),
        }
    }

    fn removed(&self, reading: Option<&mut Table>, key: &str) {
        let Ok(endpoint) = key.parse::<EndpointId>() else {
            return;
        };
        match reading {
            Some(table) => {
                table.remove(&endpoint);
            }
            None => self.known.remove(endpoint),
        }
    }
}

#[cfg(test)]
mod tests {
    use seal::PrivateKey;
    use shared::ids::ContentHash;

    use super::*;
    use crate::credentials::samples::{ISSUER, SECRET, view};

    fn revision(number: u8) -> (String, Bytes) {
        let mut view = view(&PrivateKey::from_bytes(&[5; 32]).unwrap(), ISSUER, SECRET);
        view.revision = ContentHash([number; 32]);
        (view.endpoint_id.to_string(), frame::pack(&view).unwrap())
    }

    fn credentials() -> Credentials {
        Credentials::new(PrivateKey::from_bytes(&[5; 32]).unwrap())
    }

    #[test]
    fn newer_credentials_remember_which_they_replaced() {
        let credentials = credentials();
        for number in [1, 2] {
            let (key, value) = revision(number);
            credentials.put(None, &key, &value);
        }
        let endpoint = revision(1).0.parse().unwrap();
        let opened = credentials.known.get(endpoint).unwrap();
        assert_eq!(opened.revision, ContentHash([2; 32]));
        assert_eq!(opened.replaced, Some(ContentHash([1; 32])));
        assert!(opened.checker.is_some());
    }

    #[test]
    fn unreadable_and_deleted_credentials_are_forgotten_rather_than_used() {
        let credentials = credentials();
        let (key, value) = revision(1);
        let endpoint = key.parse().unwrap();
        credentials.put(None, &key, &value);
        credentials.put(None, &key, &Bytes::from_static(b"\xc1"));
        assert!(credentials.known.get(endpoint).is_none());
        credentials.put(None, &key, &value);
        credentials.removed(None, &key);
        assert!(credentials.known.get(endpoint).is_none());
    }

    #[test]
    fn what_is_read_anew_is_not_in_use_before_it_is_whole() {
        let credentials = credentials();
        let (key, value) = revision(1);
        let mut table = Table::new();
        credentials.put(Some(&mut table), &key, &value);
        let endpoint = key.parse().unwrap();
        assert!(credentials.known.get(endpoint).is_none());
        credentials.known.replace(table);
        assert!(credentials.known.get(endpoint).is_some());
    }

    #[test]
    fn credentials_sealed_to_another_key_check_nothing() {
        let credentials = Credentials::new(PrivateKey::from_bytes(&[6; 32]).unwrap());
        let (key, value) = revision(1);
        credentials.put(None, &key, &value);
        let opened = credentials.known.get(key.parse().unwrap()).unwrap();
        assert!(opened.checker.is_none());
    }
}
