//! What a platform is made of.

use std::time::Duration;

use super::service::{Kind, Service};
use super::{Stack, environment, log};
use crate::nats;
use crate::proxy::Proxy;
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

/// Which part starts last, once all others wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// nats-server, without which no service can do anything.
    Nats,
    /// registry-svc, which creates the streams and buckets.
    Registry,
}

impl Last {
    /// What `/readyz` of a service names that waits for it.
    fn waited_for(self) -> &'static str {
        match self {
            Self::Nats => "nats-server",
            Self::Registry => "registry-svc",
        }
    }
}

/// A platform that is not there yet.
#[derive(Clone, Debug)]
pub struct Builder {
    runners: usize,
    gateways: usize,
    database: Database,
    nats_config: String,
    variables: Vec<(Kind, String, String)>,
    last: Option<Last>,
    linked: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            runners: 1,
            gateways: 1,
            database: Database::Sqlite,
            nats_config: String::new(),
            variables: Vec::new(),
            last: None,
            linked: false,
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

    /// Everything in the wrong order: gateways first, then runners, auth-svc, registry-svc and nats-server, `last` only
    /// when all others say that they wait for it.
    #[must_use]
    pub fn last(mut self, last: Last) -> Self {
        self.last = Some(last);
        self
    }

    /// Puts a [`Proxy`] between each service and nats-server: [`Service::link`].
    #[must_use]
    pub fn linked(mut self) -> Self {
        self.linked = true;
        self
    }

    /// Starts everything at once, unless [`Builder::last`] says otherwise, and waits until every service is ready.
    pub async fn start(self) -> Stack {
        let scratch = Scratch::new("stack");
        let nats = nats::Server::with_config(&self.nats_config);
        if self.last == Some(Last::Nats) {
            nats.stop();
        }
        // Made before the waiting, so that a start that fails shows its logs and ends its processes.
        let mut stack = Stack {
            services: Vec::new(),
            nats,
            scratch,
            admin_token: String::new(),
        };
        for (index, kind) in self.order().into_iter().enumerate() {
            if (self.last, kind) == (Some(Last::Registry), Kind::Registry) {
                wait_until_waited_for(&stack, Last::Registry).await;
            }
            stack.services.push(self.service(kind, index, &stack));
        }
        if self.last == Some(Last::Nats) {
            wait_until_waited_for(&stack, Last::Nats).await;
            stack.nats.restart();
        }
        for service in stack.services() {
            service.wait_until_ready().await;
        }
        stack.admin_token = first_token(stack.auth()).await;
        stack
    }

    fn order(&self) -> Vec<Kind> {
        let mut kinds = vec![Kind::Registry, Kind::Auth];
        kinds.extend(std::iter::repeat_n(Kind::Runner, self.runners));
        kinds.extend(std::iter::repeat_n(Kind::Gateway, self.gateways));
        if self.last.is_some() {
            kinds.reverse();
        }
        kinds
    }

    fn service(&self, kind: Kind, index: usize, stack: &Stack) -> Service {
        let folder = stack.scratch.path();
        let link = self.linked.then(|| Proxy::to(stack.nats.port()));
        let nats = link.as_ref().map_or_else(
            || stack.nats.url(),
            |link| format!("nats://127.0.0.1:{}", link.port()),
        );
        let mut env = environment::of(kind, &nats, &self.database, folder);
        let own = self.variables.iter().filter(|(of, ..)| *of == kind);
        env.extend(own.map(|(_, name, value)| (name.clone(), value.clone())));
        Service::start(kind, index, env, folder, link)
    }
}

/// Waits until every service that was started waits for a part that was not.
async fn wait_until_waited_for(stack: &Stack, last: Last) {
    for service in stack.services() {
        let what = format!(
            "{} to wait for {}",
            service.kind().program(),
            last.waited_for()
        );
        let url = format!("{}/readyz", service.ops_url());
        until(FIRST_TOKEN, &what, async || {
            let response = crate::http::client().get(&url).send().await.ok()?;
            let told = response.text().await.ok()?;
            told.contains(last.waited_for()).then_some(())
        })
        .await;
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
