//! The platform as it runs: nats-server and the four services, each a process of its own.
//!
//! ```no_run
//! # async fn test() {
//! let stack = testkit::stack::Stack::builder().runners(3).start().await;
//! let workflow = stack.control().publish_new("…").await;
//! let reply = testkit::http::client().get(workflow.url).send().await;
//! stack.runner(0).kill();
//! # }
//! ```

mod builder;
mod environment;
mod log;
mod service;

pub use builder::{Builder, Database, Last};
pub use service::{Kind, Service};

use std::time::Duration;

use serde_json::Value;

use crate::control::Client;
use crate::nats;
use crate::scratch::Scratch;
use crate::waiting::until;

/// How long runs may take to be parked on a busy machine.
const PARKED: Duration = Duration::from_secs(30);

/// A running platform. Ended, and its data removed, when dropped; the logs are shown where the test has failed.
#[derive(Debug)]
pub struct Stack {
    // The services go before the bus, and the bus before the folder.
    services: Vec<Service>,
    nats: nats::Server,
    scratch: Scratch,
    admin_token: String,
}

impl Stack {
    /// A platform with one runner, one gateway and SQLite, unless more is asked for.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts the smallest platform there is.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// The bus.
    #[must_use]
    pub fn nats(&self) -> &nats::Server {
        &self.nats
    }

    /// One of the gateways, counted from zero.
    #[must_use]
    pub fn gateway(&self, index: usize) -> &Service {
        self.service(Kind::Gateway, index)
    }

    /// One of the runners, counted from zero.
    #[must_use]
    pub fn runner(&self, index: usize) -> &Service {
        self.service(Kind::Runner, index)
    }

    /// auth-svc.
    #[must_use]
    pub fn auth(&self) -> &Service {
        self.service(Kind::Auth, 0)
    }

    /// registry-svc.
    #[must_use]
    pub fn registry(&self) -> &Service {
        self.service(Kind::Registry, 0)
    }

    /// Waits until so many runs are parked.
    pub async fn wait_until_parked(&self, runs: usize) {
        until(PARKED, "the runs to be parked", async || {
            let url = format!("{}/metrics", self.registry().ops_url());
            let metrics = crate::http::client().get(url).send().await.ok()?;
            let metrics = metrics.text().await.ok()?;
            let found = metrics.lines().find_map(|line| {
                let count = line.strip_prefix("earshot_registry_parked_runs")?;
                count.split_whitespace().last()?.parse::<f64>().ok()
            });
            (found == Some(runs as f64)).then_some(())
        })
        .await;
    }

    /// Every service.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The token that the first start has printed.
    #[must_use]
    pub fn admin_token(&self) -> &str {
        &self.admin_token
    }

    /// A client of the first gateway's control plane, with the admin token.
    #[must_use]
    pub fn control(&self) -> Client {
        Client::new(&self.gateway(0).control_url(), &self.admin_token)
    }

    /// The folder of the platform's data and logs.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.scratch.path()
    }

    /// What all services of one kind have logged, each in its own order.
    #[must_use]
    pub fn logs(&self, kind: Kind) -> Vec<Value> {
        self.of(kind).flat_map(Service::logs).collect()
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = &Service> {
        self.services
            .iter()
            .filter(move |service| service.kind() == kind)
    }

    fn service(&self, kind: Kind, index: usize) -> &Service {
        self.of(kind)
            .nth(index)
            .unwrap_or_else(|| panic!("there is no {} number {index}", kind.program()))
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for service in &self.services {
                eprintln!("{}", service.tail());
            }
        }
    }
}
