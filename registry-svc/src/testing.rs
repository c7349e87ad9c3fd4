//! What unit tests over a real nats-server begin with.

use std::time::Duration;

use bus::Bus;
use bus::topology::{self, Storage};
use testkit::nats::Server;

/// A nats-server with every stream and bucket, and a connection to it.
pub(crate) async fn bus() -> (Server, Bus) {
    let server = Server::start();
    let settings = bus::Settings {
        url: server.url(),
        service: "registry-svc",
        auth: bus::Auth::None,
        connect_timeout: Duration::from_secs(30),
    };
    let bus = Bus::connect(&settings).await.unwrap();
    topology::create(&bus, Storage::default()).await.unwrap();
    (server, bus)
}
