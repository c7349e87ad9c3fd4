//! As much of a gateway as registry-svc sees: it follows the routes, and says how far it has come.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::Bus;
use bus::kv::{Bucket, Change};
use shared::v1::presence::GatewayPresence;
use shared::{frame, subjects};
use tokio::task::JoinHandle;
use tokio::time::interval;

/// A gateway that serves what it has seen. It ends when dropped.
pub(crate) struct Gateway {
    /// The endpoints that it serves, with the packed route of each.
    pub(crate) serves: Arc<Mutex<HashMap<String, bytes::Bytes>>>,
    task: JoinHandle<()>,
}

impl Gateway {
    pub(crate) async fn start(bus: &Bus) -> Self {
        let bucket = Bucket::open(bus, subjects::ROUTES_BUCKET).await.unwrap();
        let serves = Arc::new(Mutex::new(HashMap::new()));
        let task = tokio::spawn(follow(bus.clone(), bucket, serves.clone()));
        Self { serves, task }
    }

    /// Whether it serves this endpoint at this moment.
    pub(crate) fn serves(&self, key: &str) -> bool {
        self.serves.lock().unwrap().contains_key(key)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn follow(bus: Bus, bucket: Bucket, serves: Arc<Mutex<HashMap<String, bytes::Bytes>>>) {
    let mut follower = bucket.follow();
    let mut every = interval(Duration::from_millis(50));
    let mut seen = 0;
    loop {
        let change = tokio::select! {
            change = follower.next() => Some(change),
            _ = every.tick() => None,
        };
        match change {
            Some(Change::Put {
                key,
                value,
                revision,
            }) => {
                serves.lock().unwrap().insert(key, value);
                seen = revision;
            }
            Some(Change::Deleted { key, revision }) => {
                serves.lock().unwrap().remove(&key);
                seen = revision;
            }
            Some(Change::Reset) => serves.lock().unwrap().clear(),
            Some(Change::Loaded) => {}
            None => {
                let presence = GatewayPresence {
                    gateway: bus.instance(),
                    build: "test".to_owned(),
                    routes_revision: seen,
                    draining: false,
                    variables_revision: u64::MAX,
                };
                let subject = subjects::GATEWAY_PRESENCE.to_owned();
                // NATS may be away in a test that takes it away.
                let _ = bus.publish(subject, frame::pack(&presence).unwrap()).await;
            }
        }
    }
}
