//! Starts and stops the runner.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bus::Bus;
use bus::kv::{Bucket, BucketError};
use bus::letters::Letters;
use bus::register::Register;
use bus::serve::{Intake, Permits, Serving};
use bus::variables::{Following, Variables};
use jiff::Timestamp;
use ops::offload::Offloader;
use ops::{Health, Service, Settings, StartError, State};
use seal::PrivateKey;
use shared::ids::RunId;
use shared::{limits, subjects};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::control::ControlIntake;
use crate::documents::Documents;
use crate::held::Held;
use crate::http::{Guard, HttpClient, HttpSettings};
use crate::intake::RunIntake;
use crate::letters::{self, Cancelled};
use crate::memory::Memory;
use crate::run_log::{RunLog, Teller};
use crate::sweeper::{self, Sweeper};
use crate::{jobs, presence};

/// Control messages are small and must never find the door shut.
const CONTROL_PERMITS: usize = 65_536;

/// How long the runs that have ended may take to be told of when the runner stops.
const TOLD_IN: Duration = Duration::from_secs(2);

/// How long one question to shared memory may take.
const MEMORY_TRY: Duration = Duration::from_secs(5);

/// How long one question about letters may take.
const LETTER_TRY: Duration = Duration::from_secs(5);

/// What every part of the runner shares.
pub(crate) struct Shared {
    /// The operator's settings.
    pub config: Config,
    /// The connection.
    pub bus: Bus,
    /// Kept replies.
    pub replies: Bucket,
    /// The versions that are ready to run.
    pub documents: Documents,
    /// The variables that scripts read.
    pub variables: Variables,
    /// What the secrets of runs are sealed to: a key of this process alone, which never leaves it.
    pub key: PrivateKey,
    /// The runs that are held.
    pub held: Held,
    /// Shared memory.
    pub memory: Memory,
    /// For `http_request` steps.
    pub http: HttpClient,
    /// What is told of runs.
    pub run_log: RunLog,
    /// For heavy scripts.
    pub offloader: Offloader,
    /// Cancelled when no new job is to be taken.
    pub stopping: CancellationToken,
    /// Cancelled when the grace is over: what still runs goes back to the queue.
    pub abandoning: CancellationToken,
    /// The letters of runs.
    pub letters: Letters,
    /// The runs that operators stop.
    pub cancelled: Cancelled,
    /// For the journals of runs that have ended.
    pub sweeper: Sweeper,
    /// How often the queue is told that a job is in work, in milliseconds.
    pub progress_ms: AtomicU64,
    /// The jobs in work.
    pub jobs: TaskTracker,
    /// Whether gateways are to send nothing new.
    pub draining: AtomicBool,
    /// Tells presence at once.
    pub presence_now: Notify,
}

impl Shared {
    /// The time, as the machine takes it.
    #[must_use]
    pub(crate) fn now(&self) -> Timestamp {
        // Only a clock that is thousands of years off is no timestamp.
        Timestamp::from_millisecond(ops::clock::now_ms()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Randomness of its own for each run: the random bits of its id.
    #[must_use]
    pub(crate) fn seed(&self, run_id: RunId) -> u64 {
        let (high, low) = run_id.0.as_u64_pair();
        high ^ low
    }
}

/// The workflow-runner service.
pub struct Runner {
    shared: Arc<Shared>,
    directed: Serving,
    fallback: Serving,
    control: Serving,
    taking: TaskTracker,
    background: TaskTracker,
    telling: Telling,
}

impl Service for Runner {
    const NAME: &'static str = "workflow-runner";
    const DEFAULTS: &'static str = include_str!("../defaults.toml");
    const SECTION: &'static str = "runner";
    type Config = Config;

    async fn start(settings: Settings<Config>, health: Health) -> Result<Self, StartError> {
        settings.service.check().map_err(StartError::config)?;
        let bus = bus::start::connect(&settings.nats, Self::NAME, &health).await?;
        bus::start::wait_for_streams(&bus, &settings.nats, &health).await?;
        let (sweeper, ended) = Sweeper::new();
        let (run_log, teller) = RunLog::new(bus.clone());
        let (shared, following) = share(bus, settings.service, sweeper, run_log).await?;
        let shared = Arc::new(shared);
        // One bound for both ways in: that is what gateways are told.
        let permits = Permits::new(shared.config.capacity);
        let intake = |subject: String, group| Intake {
            subject,
            group,
            permits: permits.clone(),
        };
        let (bus, me) = (&shared.bus, shared.bus.instance());
        let runs = || RunIntake {
            runner: shared.clone(),
        };
        let control = Intake {
            subject: subjects::control(me),
            group: None,
            permits: Permits::new(CONTROL_PERMITS),
        };
        let control = bus
            .serve(
                control,
                ControlIntake {
                    runner: shared.clone(),
                },
            )
            .await?;
        let any = subjects::run_any(subjects::DEFAULT_LANE);
        let directed = bus
            .serve(intake(subjects::run_to(me), None), runs())
            .await?;
        let fallback = bus
            .serve(intake(any, Some(subjects::RUNNER_GROUP)), runs())
            .await?;
        let background = TaskTracker::new();
        let in_flight = move || permits.in_flight();
        background.spawn(presence::publish(shared.clone(), in_flight));
        let cleared = shared.abandoning.clone();
        background.spawn(sweeper::sweep(
            shared.bus.clone(),
            shared.letters.clone(),
            ended,
            cleared,
        ));
        let end = shared.abandoning.clone();
        background.spawn(async move {
            end.run_until_cancelled_owned(Box::pin(following.run()))
                .await;
        });
        background.spawn(letters::follow(shared.clone()));
        let taking = TaskTracker::new();
        taking.spawn(jobs::take(shared.clone()));
        taking.close();
        health.set("runs", State::Ready);
        let telling = Telling::start(teller);
        Ok(Self {
            shared,
            directed,
            fallback,
            control,
            taking,
            background,
            telling,
        })
    }

    async fn drain(self, grace: Duration) {
        let ends_at = Instant::now() + grace;
        self.shared.draining.store(true, Ordering::Relaxed);
        self.shared.stopping.cancel();
        self.shared.presence_now.notify_one();
        // What gateways sent before they heard of it still arrives.
        sleep(Duration::from_millis(2 * limits::PRESENCE_EVERY).min(grace / 2)).await;
        let left = || ends_at.saturating_duration_since(Instant::now());
        self.shared.jobs.close();
        let (directed, fallback, jobs) = tokio::join!(
            self.directed.drain(left()),
            self.fallback.drain(left()),
            timeout(left(), async {
                // No job comes any more once the taking has ended.
                self.taking.wait().await;
                self.shared.jobs.wait().await;
            }),
        );
        if !(directed && fallback && jobs.is_ok()) {
            tracing::warn!("the grace is over; runs that were accepted go to another runner");
        }
        self.shared.abandoning.cancel();
        // Giving jobs back takes a round trip, no more.
        let _ = timeout(Duration::from_secs(2), self.shared.jobs.wait()).await;
        self.control.drain(Duration::from_millis(100)).await;
        self.telling.drain(Duration::from_secs(3)).await;
        self.background.close();
        let _ = timeout(Duration::from_secs(1), self.background.wait()).await;
        self.shared.bus.close().await;
    }
}

/// The task that tells of runs.
struct Telling {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Telling {
    fn start(teller: Teller) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(teller.run(stop.clone(), TOLD_IN));
        Self { stop, task }
    }

    /// Tells of the runs that have ended, as far as there is time.
    async fn drain(self, grace: Duration) {
        self.stop.cancel();
        if timeout(grace, self.task).await.is_err() {
            tracing::warn!("what was left of the run log could not be told in time");
        }
    }
}

async fn share(
    bus: Bus,
    config: Config,
    sweeper: Sweeper,
    run_log: RunLog,
) -> Result<(Shared, Following), StartError> {
    let missing = |error: BucketError| {
        StartError::unavailable(error.to_string(), "see that registry-svc has started")
    };
    let documents = Bucket::open(&bus, subjects::DOCUMENTS_BUCKET)
        .await
        .map_err(missing)?;
    let replies = Bucket::open(&bus, subjects::REPLIES_BUCKET)
        .await
        .map_err(missing)?;
    let (variables, following) = Variables::load(&bus).await.map_err(missing)?;
    let memory = Register::open(&bus, subjects::MEMORY_BUCKET, MEMORY_TRY)
        .await
        .map_err(missing)?;
    let memory = Memory::new(memory);
    let http = HttpClient::new(HttpSettings {
        guard: Guard::new(config.allowed_networks.clone()),
        max_response_bytes: config.max_response_bytes,
    })
    .map_err(|error| StartError::internal("the HTTP client cannot be made", error))?;
    let shared = Shared {
        variables,
        key: PrivateKey::generate(),
        documents: Documents::new(bus.clone(), documents, config.versions_kept),
        held: Held::default(),
        offloader: Offloader::new(config.script_time()),
        http,
        memory,
        sweeper,
        run_log,
        letters: Letters::new(bus.clone(), LETTER_TRY),
        cancelled: Cancelled::default(),
        replies,
        stopping: CancellationToken::new(),
        abandoning: CancellationToken::new(),
        progress_ms: AtomicU64::new(0),
        jobs: TaskTracker::new(),
        draining: AtomicBool::new(false),
        presence_now: Notify::new(),
        bus,
        config,
    };
    Ok((shared, following))
}
