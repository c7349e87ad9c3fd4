//! The gateway from its start to the end of its drain.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use bus::Bus;
use bus::kv::Bucket;
use bus::serve::Serving;
use bus::variables::Variables;
use ops::offload::Offloader;
use ops::shutdown::Shutdown;
use ops::{Health, Service, Settings, StartError, State};
use shared::subjects::REPLIES_BUCKET;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::control::{self, Tail};
use crate::dispatch::Dispatch;
use crate::idempotency::{self, Keys};
use crate::limits::InFlight;
use crate::listener::{self, Times};
use crate::platform::{Platform, public_url};
use crate::routes;
use crate::verdict::Verdicts;

/// How long the drain keeps back for what comes after the last reply.
const RESERVE: Duration = Duration::from_millis(500);

/// How many connections the control-plane port has at once.
const CONTROL_CONNECTIONS: usize = 1_024;

/// A running gateway.
pub struct Gateway {
    platform: Arc<Platform>,
    ports: Times,
    presence: Serving,
    ended: Serving,
    questions: Serving,
}

impl Service for Gateway {
    const NAME: &'static str = "gateway";
    const DEFAULTS: &'static str = include_str!("../defaults.toml");
    const SECTION: &'static str = "gateway";
    type Config = Config;

    async fn start(settings: Settings<Config>, health: Health) -> Result<Self, StartError> {
        let config = settings.service;
        config.check().map_err(StartError::config)?;
        // Bound first: a port in use is told before anything else is waited for. Nobody is served yet.
        let listener = bind(config.listener, "gateway.listener").await?;
        let control = bind(config.control, "gateway.control").await?;
        let bus = bus::start::connect(&settings.nats, Self::NAME, &health).await?;
        bus::start::wait_for_streams(&bus, &settings.nats, &health).await?;
        health.set("routes", State::waiting("for the routes"));
        let parts = Parts {
            config,
            bus,
            listener,
            control,
            health,
        };
        Box::pin(parts.start()).await
    }

    async fn drain(self, grace: Duration) {
        let started = Instant::now();
        let left = || grace.saturating_sub(started.elapsed());
        // Every reply is now the last of its connection, and a publish waits for this gateway no more.
        self.platform.draining.cancel();
        let linger = Duration::from_millis(self.platform.config.drain_linger_ms);
        tokio::time::sleep(linger.min(grace / 2)).await;
        self.ports.closing.cancel();
        self.platform.ending.cancel();
        self.ports.connections.close();
        let patience = left().saturating_sub(RESERVE);
        let in_time = tokio::time::timeout(patience, self.ports.connections.wait()).await;
        if in_time.is_err() {
            let cut = self.ports.connections.len();
            tracing::warn!(
                cut,
                "connections were still open when the drain's time was over"
            );
        }
        // Requests with a key whose callers have left.
        self.platform.keys.tasks.close();
        let others = tokio::time::timeout(
            left().saturating_sub(RESERVE),
            self.platform.keys.tasks.wait(),
        );
        if others.await.is_err() {
            let cut = self.platform.keys.tasks.len();
            tracing::warn!(cut, "requests with a key were cut short");
        }
        self.questions.drain(RESERVE.min(left())).await;
        self.presence.drain(RESERVE.min(left())).await;
        self.ended.drain(RESERVE.min(left())).await;
        self.platform.tasks.drain(RESERVE.min(left())).await;
        self.platform.bus.close().await;
    }
}

/// What a start needs once NATS is there.
struct Parts {
    config: Config,
    bus: Bus,
    listener: TcpListener,
    control: TcpListener,
    health: Health,
}

impl Parts {
    async fn start(self) -> Result<Gateway, StartError> {
        let table = Arc::new(ArcSwap::default());
        let (loaded, revisions) = routes::load(&self.bus, table.clone())
            .await
            .map_err(|error| missing_bucket(&error))?;
        let (variables, following) = Variables::load(&self.bus)
            .await
            .map_err(|error| missing_bucket(&error))?;
        let dispatch = Dispatch::new(self.bus.clone());
        let presence = dispatch.listen().await?;
        let tail = Tail::default();
        let ended = tail.listen(&self.bus).await?;
        let replies = Bucket::open(&self.bus, REPLIES_BUCKET)
            .await
            .map_err(|error| missing_bucket(&error))?;
        let tasks = Shutdown::new();
        let keys = Keys::open(&self.bus, tasks.token.clone())
            .await
            .map_err(|error| missing_bucket(&error))?;
        let (intake, answers) = idempotency::intake(&self.bus, &keys.held);
        let questions = self.bus.serve(intake, answers).await?;
        let (listener_address, control_address) =
            (address(&self.listener)?, address(&self.control)?);
        let platform = Arc::new(Platform {
            proxies: self.config.proxies().map_err(StartError::config)?,
            public_url: public_url(&self.config, listener_address),
            in_flight: InFlight::new(self.config.max_in_flight),
            verdicts: Verdicts::new(self.bus.clone()),
            bus: self.bus,
            offloader: Offloader::new(self.config.script_time()),
            config: self.config,
            routes: table,
            variables,
            dispatch,
            replies,
            tail,
            keys,
            tasks,
            draining: CancellationToken::new(),
            ending: CancellationToken::new(),
        });
        let tasks = &platform.tasks;
        let end = tasks.token.clone();
        tasks
            .tracker
            .spawn(platform.dispatch.clone().probe(end.clone()));
        tasks
            .tracker
            .spawn(routes::announce(platform.clone(), revisions));
        tasks.tracker.spawn(async move {
            tokio::select! {
                () = routes::follow(loaded) => {}
                () = following.run() => {}
                () = end.cancelled() => {}
            }
        });
        let ports = open(&platform, self.listener, self.control);
        self.health.set("routes", State::Ready);
        ops::announce("listener", listener_address);
        ops::announce("control", control_address);
        Ok(Gateway {
            platform,
            ports,
            presence,
            ended,
            questions,
        })
    }
}

/// Begins to serve both ports.
fn open(platform: &Arc<Platform>, listener: TcpListener, control: TcpListener) -> Times {
    let times = Times {
        headers: platform.config.header_time(),
        closing: CancellationToken::new(),
        connections: TaskTracker::new(),
        free: Arc::new(Semaphore::new(platform.config.max_connections)),
    };
    // Callers must not be able to keep operators out.
    let control_times = Times {
        free: Arc::new(Semaphore::new(CONTROL_CONNECTIONS)),
        ..times.clone()
    };
    let shared = platform.clone();
    times.connections.spawn(listener::accept(
        listener,
        times.clone(),
        move |connection, request| listener::answer(shared.clone(), connection, request),
    ));
    let router = control::router(platform.clone());
    let tasks = platform.tasks.tracker.clone();
    times.connections.spawn(listener::accept(
        control,
        control_times,
        move |_, request| control::answer(router.clone(), tasks.clone(), request),
    ));
    times
}

async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| {
        StartError::unavailable(
            format!("{setting}: nothing can listen at {address}: {error}"),
            format!("stop what uses the port, or set {setting} to another address"),
        )
    })
}

fn address(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    listener
        .local_addr()
        .map_err(|error| StartError::internal("a port has no address", error))
}

fn missing_bucket(error: &bus::kv::BucketError) -> StartError {
    StartError::unavailable(
        error.to_string(),
        "start registry-svc, which creates the buckets",
    )
}
