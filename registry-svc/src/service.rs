//! Starting and stopping registry-svc.

use std::time::Duration;

use bus::serve::{Intake, Permits, Serving};
use bus::{Bus, start, topology};
use ops::shutdown::Shutdown;
use ops::{Health, Service, Settings, StartError, State};
use shared::subjects;
use tokio::time::timeout;

use crate::config::Config;
use crate::store::{PostgresStore, SqliteStore, Store, Target};
use crate::views::{self, Gateways, Live, Reconciler};
use crate::{journals, memory, parking, router, run_log, schedules, watch};

/// How long comparing and filling the buckets may take at start.
const FILLED: Duration = Duration::from_secs(120);

/// A running registry-svc.
pub struct Registry {
    bus: Bus,
    requests: Serving,
    presence: [Serving; 2],
    shutdown: Shutdown,
}

impl Service for Registry {
    const NAME: &'static str = "registry-svc";
    const DEFAULTS: &'static str = include_str!("../defaults.toml");
    const SECTION: &'static str = "registry";
    type Config = Config;

    /// Opens the database first, so that one that cannot be used leaves nothing behind on NATS; then creates the streams
    /// and buckets, brings the buckets in line with the database, and serves.
    async fn start(settings: Settings<Config>, health: Health) -> Result<Self, StartError> {
        let target = settings.service.target()?;
        settings.service.storage()?;
        health.set("database", State::waiting("for the database"));
        match target {
            Target::Sqlite(path) => {
                let store = SqliteStore::open(&path).await?;
                Box::pin(Self::start_on(store, settings, health)).await
            }
            Target::Postgres(options) => {
                let store = PostgresStore::open(*options).await?;
                Box::pin(Self::start_on(store, settings, health)).await
            }
        }
    }

    async fn drain(self, grace: Duration) {
        if !self.requests.drain(grace).await {
            tracing::warn!("not every request was answered within the grace");
        }
        // These wait for nothing but the word to end.
        for presence in self.presence {
            presence.drain(Duration::from_secs(1)).await;
        }
        self.shutdown.drain(Duration::from_secs(5)).await;
        self.bus.close().await;
    }
}

impl Registry {
    async fn start_on<S: Store>(
        store: S,
        settings: Settings<Config>,
        health: Health,
    ) -> Result<Self, StartError> {
        health.set("database", State::Ready);
        health.set("buckets", State::waiting("for the buckets to be filled"));
        let bus = start::connect(&settings.nats, Self::NAME, &health).await?;
        let storage = settings.service.storage()?;
        let created = topology::create(&bus, storage).await;
        created.map_err(|error| jetstream(&error))?;
        let (gateways, presence) = Gateways::listen(&bus).await.map_err(subscription)?;
        let live = Live::open(&bus, store.clone(), gateways).await;
        let live = live.map_err(|error| jetstream(&error))?;
        let mut reconciler = Reconciler::new(live.clone());
        fill(&mut reconciler).await?;
        let intake = Intake {
            subject: subjects::REGISTRY.to_owned(),
            group: Some(subjects::REGISTRY_GROUP),
            permits: Permits::new(settings.service.permits),
        };
        let requests = bus.serve(intake, router::router(&bus, &store, &live)).await;
        let requests = requests.map_err(subscription)?;
        health.set("buckets", State::Ready);
        let shutdown = Shutdown::new();
        let stop = &shutdown.token;
        shutdown.tracker.spawn(views::run(reconciler, stop.clone()));
        shutdown
            .tracker
            .spawn(parking::run(bus.clone(), stop.clone()));
        shutdown
            .tracker
            .spawn(memory::run(bus.clone(), stop.clone()));
        shutdown
            .tracker
            .spawn(journals::run(bus.clone(), store.clone(), stop.clone()));
        let changed = live.changed();
        let scheduled = schedules::run(store.clone(), bus.clone(), changed, stop.clone());
        shutdown.tracker.spawn(scheduled);
        let watch = watch::watch(
            bus.clone(),
            storage,
            store.clone(),
            live,
            health,
            stop.clone(),
        );
        shutdown.tracker.spawn(watch);
        let retention = run_log::retain(store.clone(), settings.service.run_log_days, stop.clone());
        shutdown.tracker.spawn(retention);
        let ingest = run_log::ingest(bus.clone(), store.clone(), stop.clone());
        shutdown.tracker.spawn(async move {
            // Ends with the word to stop, once what it was at is stored.
            ingest.await;
            store.close().await;
        });
        Ok(Self {
            bus,
            requests,
            presence,
            shutdown,
        })
    }
}

/// Brings the buckets in line with the database before anything is answered.
async fn fill<S: Store>(reconciler: &mut Reconciler<S>) -> Result<(), StartError> {
    match timeout(FILLED, reconciler.pass()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(StartError::internal("the buckets cannot be filled", error)),
        Err(_) => Err(StartError::unavailable(
            "the buckets could not be compared with the database in time",
            "check that nats-server is not overloaded, and start again: what was done stays done",
        )),
    }
}

fn jetstream(error: &dyn std::error::Error) -> StartError {
    StartError::unavailable(
        error.to_string(),
        "check that nats-server runs with JetStream and has the space and the servers that \
         registry.runs_bytes and registry.replicas ask for",
    )
}

fn subscription(error: bus::ConnectError) -> StartError {
    StartError::internal("requests cannot be taken in", error)
}
