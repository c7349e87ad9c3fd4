//! Memory that is behind the bucket, over a real NATS.

use std::time::Duration;

use bus::topology::{self, Storage};
use testkit::nats::Server;
use uuid::Uuid;

use super::samples::{ISSUER, SECRET, view};
use super::*;

/// Credentials that nothing keeps in step with the bucket.
struct Behind {
    _nats: Server,
    bus: Bus,
    credentials: Credentials,
}

impl Behind {
    async fn start() -> Self {
        let nats = Server::start();
        let settings = bus::Settings {
            url: nats.url(),
            service: "auth-svc",
            auth: bus::Auth::None,
            connect_timeout: Duration::from_secs(20),
        };
        let bus = Bus::connect(&settings).await.unwrap();
        topology::create(&bus, Storage::default()).await.unwrap();
        Self {
            _nats: nats,
            bus,
            credentials: Credentials::new(key()),
        }
    }

    fn remember(&self, revision: u8) {
        self.credentials
            .known
            .put(endpoint(), Opened::open(&key(), &sample(revision)));
    }

    async fn store(&self, revision: u8) {
        let bucket = Bucket::open(&self.bus, subjects::CREDENTIALS_BUCKET)
            .await
            .unwrap();
        let value = frame::pack(&sample(revision)).unwrap();
        bucket
            .put(&subjects::endpoint_key(endpoint()), value)
            .await
            .unwrap();
    }

    /// The revision that one who has heard of `heard` is judged by.
    async fn newest(&self, heard: u8) -> Result<u8, Code> {
        let newest = self
            .credentials
            .newest(&self.bus, endpoint(), ContentHash([heard; 32]))
            .await;
        newest
            .map(|opened| opened.revision.0[0])
            .map_err(|failure| failure.code)
    }
}

fn key() -> PrivateKey {
    PrivateKey::from_bytes(&[5; 32]).unwrap()
}

fn endpoint() -> EndpointId {
    EndpointId(Uuid::from_u128(1))
}

fn sample(revision: u8) -> CredentialsView {
    let mut view = view(&key(), ISSUER, SECRET);
    view.revision = ContentHash([revision; 32]);
    view
}

#[tokio::test]
async fn a_revision_that_has_not_arrived_is_fetched_each_time_it_is_named() {
    let behind = Behind::start().await;
    behind.remember(1);
    behind.store(2).await;
    assert_eq!(behind.newest(2).await, Ok(2));
    behind.store(3).await;
    assert_eq!(behind.newest(2).await, Ok(3));
    assert_eq!(behind.newest(3).await, Ok(3));
}

#[tokio::test]
async fn one_who_has_heard_of_the_replaced_revision_is_judged_by_the_newest_in_memory() {
    let behind = Behind::start().await;
    behind.remember(1);
    behind.remember(2);
    // The bucket is empty, so that asking it would be noticed.
    assert_eq!(behind.newest(1).await, Ok(2));
    assert_eq!(behind.newest(2).await, Ok(2));
    assert_eq!(behind.newest(3).await, Err(Code::AuthUnavailable));
}

#[tokio::test]
async fn what_was_never_heard_of_here_is_looked_up() {
    let behind = Behind::start().await;
    assert_eq!(behind.newest(1).await, Err(Code::AuthUnavailable));
    assert!(
        behind
            .credentials
            .any(&behind.bus, endpoint())
            .await
            .unwrap()
            .is_none()
    );
    behind.store(1).await;
    assert_eq!(behind.newest(1).await, Ok(1));
    let found = behind
        .credentials
        .any(&behind.bus, endpoint())
        .await
        .unwrap();
    assert_eq!(found.unwrap().revision, ContentHash([1; 32]));
}
