//! A bucket that is changed step by step.

use std::time::Duration;

use bus::StoreError;
use bus::register::{Register, Seen};
use bus::topology::{self, Storage};
use bytes::Bytes;
use shared::subjects::{IDEMPOTENCY_BUCKET, bucket_stream};
use testkit::nats::Server;

use crate::{PATIENCE, connect};

#[tokio::test]
async fn a_key_is_changed_only_by_who_has_seen_its_last_change_and_can_be_set_anew_after_a_withdrawal()
 {
    let server = Server::start();
    let bus = connect(&server, "registry-svc").await;
    topology::create(&bus, Storage::default()).await.unwrap();
    let register = Register::open(&bus, IDEMPOTENCY_BUCKET, PATIENCE)
        .await
        .unwrap();
    let nothing = register.read("e.k").await.unwrap();
    assert_eq!((nothing.value, nothing.revision), (None, 0));
    let write = async |after, text: &'static str| {
        let value = Bytes::from_static(text.as_bytes());
        register.write("e.k", after, value).await
    };
    let first = write(0, "one").await.unwrap();
    register.write("e.other", 0, Bytes::new()).await.unwrap();
    assert!(matches!(write(0, "late").await, Err(StoreError::Overtaken)));
    let second = write(first, "two").await.unwrap();
    let late = register.withdraw("e.k", first).await;
    assert!(matches!(late, Err(StoreError::Overtaken)), "{late:?}");
    let seen = Seen {
        value: Some(Bytes::from("two")),
        revision: second,
    };
    assert_eq!(register.read("e.k").await.unwrap(), seen);
    register.withdraw("e.k", second).await.unwrap();
    let gone = register.read("e.k").await.unwrap();
    assert_eq!(gone.value, None);
    write(gone.revision, "anew").await.unwrap();
}

#[tokio::test]
async fn a_service_waits_for_a_bucket_that_an_earlier_release_did_not_make() {
    let server = Server::start();
    let bus = connect(&server, "gateway").await;
    topology::create(&bus, Storage::default()).await.unwrap();
    topology::wait(&bus, PATIENCE).await.unwrap();
    let stream = bucket_stream(IDEMPOTENCY_BUCKET);
    let client = async_nats::connect(server.url()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    context.delete_stream(&stream).await.unwrap();
    let missing = topology::wait(&bus, Duration::from_millis(300)).await;
    let missing = missing.unwrap_err().to_string();
    assert!(missing.contains(IDEMPOTENCY_BUCKET), "{missing}");
    let waiting = topology::wait(&bus, PATIENCE);
    let made = topology::create(&bus, Storage::default());
    let (waited, made) = tokio::join!(waiting, made);
    waited.unwrap();
    made.unwrap();
}

#[tokio::test]
async fn nothing_waits_for_a_server_that_is_away() {
    let server = Server::start();
    let bus = connect(&server, "registry-svc").await;
    topology::create(&bus, Storage::default()).await.unwrap();
    let register = Register::open(&bus, IDEMPOTENCY_BUCKET, PATIENCE)
        .await
        .unwrap();
    server.stop();
    let started = std::time::Instant::now();
    assert!(register.read("e.k").await.is_err());
    assert!(register.write("e.k", 0, Bytes::new()).await.is_err());
    assert!(started.elapsed() < 3 * PATIENCE + Duration::from_secs(1));
}
