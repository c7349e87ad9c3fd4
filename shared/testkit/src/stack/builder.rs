//! What a platform is made of.

use std::time::Duration;

use super::service::{Kind, Service};
use super::{Stack, environment, log};
use crate::nats;
use crate::scratch::Scratch;
use crate::waiting::until;

/// How long the first token may take after auth-svc and registry-svc are ready.
const FIRST_TOKEN: Duration = Duration::from_secs(30);

/// Where workflows are kept.
#[derive(Clone, Debug, Default)]
pub enum Database {
    /// A file in the platform's folder.
    #[default]
    Sqlite,
    /// An empty PostgreSQL database, as [`crate::postgres::Server::create_database`] makes it.
    Postgres(String),
}

/// A platform that is not there yet.
#[derive(Clone, Debug)]
pub struct Builder {
    runners: usize,
    gateways: usize,
    database: Database,
    nats_config: String,
    variables: Vec<(Kind, String, String)>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            runners: 1,
            gateways: 1,
            database: Database::Sqlite,
            nats_config: String::new(),
            variables: Vec::new(),
        }
    }
}

impl Builder {
    /// How many runners there are; none is possible.
    #[must_use]
    pub fn runners(mut self, count: usize) -> Self {
        self.runners = count;
        self
    }

    /// How many gateways there are; at least one.
    #[must_use]
    pub fn gateways(mut self, count: usize) -> Self {
        self.gateways = count.max(1);
        self
    }

    /// Where workflows are kept.
    #[must_use]
    pub fn database(mut self, database: Database) -> Self {
        self.database = database;
        self
    }

    /// More configuration for nats-server, in the syntax of its file.
    #[must_use]
    pub fn nats_config(mut self, extra: &str) -> Self {
        extra.clone_into(&mut self.nats_config);
        self
    }

    /// A variable for every service of one kind: `.env(Kind::Runner, "EARSHOT_RUNNER__CAPACITY", "2")`.
    #[must_use]
    pub fn env(mut self, kind: Kind, name: &str, value: &str) -> Self {
        self.variables
            .push((kind, name.to_owned(), value.to_owned()));
        self
    }

    /// Starts everything at once and waits until every service is ready.
    pub async fn start(self) -> Stack {
        let scratch = Scratch::new("stack");
        let nats = nats::Server::with_config(&self.nats_config);
        let kinds = [Kind::Registry, Kind::Auth]
            .into_iter()
            .chain(std::iter::repeat_n(Kind::Runner, self.runners))
            .chain(std::iter::repeat_n(Kind::Gateway, self.gateways));
        let services: Vec<Service> = kinds
            .enumerate()
            .map(|(index, kind)| {
                let mut env = environment::of(kind, &nats.url(), &self.database, scratch.path());
                let own = self.variables.iter().filter(|(of, ..)| *of == kind);
                env.extend(own.map(|(_, name, value)| (name.clone(), value.clone())));
                Service::start(kind, index, env, scratch.path())
            })
            .collect();
        // Made before the waiting, so that a start that fails shows its logs and ends its processes.
        let mut stack = Stack {
            services,
            nats,
            scratch,
            admin_token: String::new(),
        };
        for service in stack.services() {
            service.wait_until_ready().await;
        }
        stack.admin_token = first_token(stack.auth()).await;
        stack
    }
}

/// The token that auth-svc prints once in the life of a platform.
async fn first_token(auth: &Service) -> String {
    until(
        FIRST_TOKEN,
        "auth-svc to print the admin token",
        async || log::line_after("admin token: ", &auth.stdout()),
    )
    .await
}
