//! The streams and buckets of the platform: created by registry-svc, waited for by the others.

use std::time::Duration;

use async_nats::jetstream::{consumer, kv, stream};
use shared::{limits, subjects};
use tokio::time::{Instant, sleep};

use crate::connect::Bus;

/// How long registry-svc may take to store a batch of the run log before another gets it.
const RUN_LOG_ACK: Duration = Duration::from_secs(30);

/// Why the streams and buckets are not there.
#[derive(Debug, thiserror::Error)]
pub enum TopologyError {
    /// One could not be created or read.
    #[error("{what} could not be set up: {reason}")]
    Create {
        /// The stream or bucket.
        what: &'static str,
        /// What NATS said.
        reason: String,
    },
    /// They did not appear in time.
    #[error("stream {what} did not appear within {waited:?}")]
    Missing {
        /// The stream or bucket.
        what: &'static str,
        /// How long it was waited for.
        waited: Duration,
    },
}

/// How many copies JetStream keeps, how much it may store, and how patient the queue is.
#[derive(Clone, Copy, Debug)]
pub struct Storage {
    /// Replicas of each stream and bucket: 1 on a single server, 3 in a cluster.
    pub replicas: usize,
    /// The most bytes of accepted runs; when they are full, new ones are refused, never old ones lost.
    pub runs_bytes: i64,
    /// How long a runner may give no sign of life for a run out of the queue before another gets it.
    pub ack_wait: Duration,
    /// The most bytes of the run log that wait for registry-svc; when they are full, the oldest go.
    pub run_log_bytes: i64,
    /// How long they wait at most.
    pub run_log_age: Duration,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            replicas: 1,
            runs_bytes: 1024 * 1024 * 1024,
            ack_wait: Duration::from_secs(6),
            run_log_bytes: 256 * 1024 * 1024,
            run_log_age: Duration::from_secs(7 * 24 * 60 * 60),
        }
    }
}

/// Creates what is missing.
///
/// # Errors
/// [`TopologyError::Create`].
pub async fn create(bus: &Bus, storage: Storage) -> Result<(), TopologyError> {
    let context = bus.jetstream();
    for bucket in [
        subjects::ROUTES_BUCKET,
        subjects::CREDENTIALS_BUCKET,
        subjects::DOCUMENTS_BUCKET,
        subjects::SECRETS_BUCKET,
        subjects::VARIABLES_BUCKET,
    ] {
        let config = kv::Config {
            bucket: bucket.to_owned(),
            history: 1,
            storage: stream::StorageType::File,
            num_replicas: storage.replicas,
            ..Default::default()
        };
        context
            .create_or_update_key_value(config)
            .await
            .map_err(|error| failed(bucket, &error))?;
    }
    let memory = context.create_or_update_stream(memory(storage)).await;
    memory.map_err(|error| failed(subjects::MEMORY_BUCKET, &error))?;
    let halves = Storage {
        runs_bytes: storage.runs_bytes / 2,
        ..storage
    };
    for (bucket, storage) in [
        (subjects::REPLIES_BUCKET, storage),
        (subjects::IDEMPOTENCY_BUCKET, halves),
    ] {
        let made = context.create_or_update_stream(passing(bucket, storage));
        made.await.map_err(|error| failed(bucket, &error))?;
    }
    let runs = stream::Config {
        name: subjects::RUNS_STREAM.to_owned(),
        subjects: vec![subjects::RUNS_SUBJECTS.to_owned()],
        retention: stream::RetentionPolicy::WorkQueue,
        discard: stream::DiscardPolicy::New,
        max_bytes: storage.runs_bytes,
        storage: stream::StorageType::File,
        num_replicas: storage.replicas,
        ..Default::default()
    };
    let runs = context.create_or_update_stream(runs).await;
    runs.map_err(|error| failed(subjects::RUNS_STREAM, &error))?;
    create_consumer(bus, storage.ack_wait).await?;
    let journal = context.create_or_update_stream(journal(storage)).await;
    journal.map_err(|error| failed(subjects::JOURNAL_STREAM, &error))?;
    let dead = context.create_or_update_stream(dead_letters(storage)).await;
    dead.map_err(|error| failed(subjects::DEAD_LETTERS_STREAM, &error))?;
    let parked = context.create_or_update_stream(parked(storage)).await;
    parked.map_err(|error| failed(subjects::PARKED_STREAM, &error))?;
    let letters = context.create_or_update_stream(letters(storage)).await;
    letters.map_err(|error| failed(subjects::LETTERS_STREAM, &error))?;
    create_run_log(bus, storage).await?;
    let frames = stream::Config {
        name: subjects::FRAMES_STREAM.to_owned(),
        subjects: vec![subjects::FRAMES_SUBJECTS.to_owned()],
        max_age: Duration::from_secs(limits::REPLY_KEPT_SECONDS),
        discard: stream::DiscardPolicy::Old,
        max_bytes: storage.runs_bytes,
        storage: stream::StorageType::File,
        num_replicas: storage.replicas,
        ..Default::default()
    };
    let frames = context.create_or_update_stream(frames).await;
    frames.map_err(|error| failed(subjects::FRAMES_STREAM, &error))?;
    Ok(())
}

/// A bucket is a stream of this form (NATS ADR-8). Replies are for whoever comes in time, so when the space is used up the
/// oldest go; a bucket made as such would refuse the newest.
fn passing(bucket: &str, storage: Storage) -> stream::Config {
    let seconds = match bucket {
        subjects::IDEMPOTENCY_BUCKET => limits::IDEMPOTENCY_SECONDS,
        _ => limits::REPLY_KEPT_SECONDS,
    };
    stream::Config {
        name: subjects::bucket_stream(bucket),
        subjects: vec![subjects::bucket_subjects(bucket)],
        max_messages_per_subject: 1,
        max_age: Duration::from_secs(seconds),
        max_bytes: storage.runs_bytes,
        discard: stream::DiscardPolicy::Old,
        allow_rollup: true,
        deny_delete: true,
        allow_direct: true,
        storage: stream::StorageType::File,
        num_replicas: storage.replicas,
        ..Default::default()
    }
}

/// Bound like the others, but a value that is gone may be deleted by its revision alone, which a bucket made as such denies.
fn memory(storage: Storage) -> stream::Config {
    stream::Config {
        max_age: Duration::from_secs(limits::MEMORY_KEPT_SECONDS),
        discard: stream::DiscardPolicy::New,
        deny_delete: false,
        max_bytes: storage.runs_bytes / 4,
        ..passing(subjects::MEMORY_BUCKET, storage)
    }
}

/// How long a journal stays that nobody cleared away, since its runner died between a run's end and that.
const JOURNAL_KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// When it is full, runs wait: what happened to one must be written before it goes on.
fn journal(storage: Storage) -> stream::Config {
    stream::Config {
        name: subjects::JOURNAL_STREAM.to_owned(),
        subjects: vec![subjects::JOURNAL_SUBJECTS.to_owned()],
        max_age: JOURNAL_KEPT,
        discard: stream::DiscardPolicy::New,
        max_bytes: storage.runs_bytes,
        storage: stream::StorageType::File,
        num_replicas: storage.replicas,
        ..Default::default()
    }
}

/// A person decides about each: nothing in it is ever dropped.
fn dead_letters(storage: Storage) -> stream::Config {
    stream::Config {
        name: subjects::DEAD_LETTERS_STREAM.to_owned(),
        subjects: vec![subjects::DEAD_LETTERS_SUBJECTS.to_owned()],
        max_bytes: storage.runs_bytes / 4,
        ..parked(storage)
    }
}

/// Nothing in it is ever dropped: when it is full, runs wait where they are.
fn parked(storage: Storage) -> stream::Config {
    stream::Config {
        name: subjects::PARKED_STREAM.to_owned(),
        subjects: vec![subjects::PARKED_SUBJECTS.to_owned()],
        max_messages_per_subject: 1,
        discard: stream::DiscardPolicy::New,
        max_bytes: storage.runs_bytes / 2,
        storage: stream::StorageType::File,
        num_replicas: storage.replicas,
        ..Default::default()
    }
}

/// When it is full, whoever writes is told so. Letters are cleared away with the journals of their runs; what is left over,
/// such as the answer to a call whose caller has ended, registry-svc finds.
fn letters(storage: Storage) -> stream::Config {
    stream::Config {
        name: subjects::LETTERS_STREAM.to_owned(),
        subjects: vec![subjects::LETTERS_SUBJECTS.to_owned()],
        max_age: JOURNAL_KEPT,
        max_bytes: storage.runs_bytes / 4,
        ..parked(storage)
    }
}

async fn create_consumer(bus: &Bus, ack_wait: Duration) -> Result<(), TopologyError> {
    let config = consumer::pull::Config {
        durable_name: Some(subjects::RUNS_CONSUMER.to_owned()),
        ack_policy: consumer::AckPolicy::Explicit,
        ack_wait,
        max_ack_pending: 10_000,
        filter_subject: subjects::run_async(subjects::DEFAULT_LANE),
        ..Default::default()
    };
    let made = bus
        .jetstream()
        .create_consumer_on_stream(config, subjects::RUNS_STREAM)
        .await;
    made.map(|_| ())
        .map_err(|error| failed(subjects::RUNS_CONSUMER, &error))
}

/// Where the run log waits for registry-svc. What is stored is deleted; when the space is used up the oldest goes, since a
/// run must never wait for its log.
async fn create_run_log(bus: &Bus, storage: Storage) -> Result<(), TopologyError> {
    let what = subjects::RUN_LOG_STREAM;
    let context = bus.jetstream();
    let config = stream::Config {
        name: what.to_owned(),
        subjects: vec![subjects::RUN_LOG.to_owned()],
        retention: stream::RetentionPolicy::WorkQueue,
        discard: stream::DiscardPolicy::Old,
        max_bytes: storage.run_log_bytes,
        max_age: storage.run_log_age,
        storage: stream::StorageType::File,
        num_replicas: storage.replicas,
        ..Default::default()
    };
    let made = context.create_or_update_stream(config).await;
    made.map_err(|error| failed(what, &error))?;
    let config = consumer::pull::Config {
        durable_name: Some(subjects::RUN_LOG_CONSUMER.to_owned()),
        ack_policy: consumer::AckPolicy::Explicit,
        ack_wait: RUN_LOG_ACK,
        max_ack_pending: 1_000,
        ..Default::default()
    };
    let made = context.create_consumer_on_stream(config, what).await;
    made.map(|_| ()).map_err(|error| failed(what, &error))
}

/// The streams that others than registry-svc use.
const STREAMS: [&str; 7] = [
    subjects::FRAMES_STREAM,
    subjects::RUNS_STREAM,
    subjects::JOURNAL_STREAM,
    subjects::PARKED_STREAM,
    subjects::DEAD_LETTERS_STREAM,
    subjects::LETTERS_STREAM,
    subjects::RUN_LOG_STREAM,
];

/// The buckets that a release after the first has added.
const BUCKETS: [&str; 3] = [
    subjects::VARIABLES_BUCKET,
    subjects::IDEMPOTENCY_BUCKET,
    subjects::MEMORY_BUCKET,
];

/// Waits until registry-svc has created everything. The frames stream is the last; what an earlier release knew nothing of
/// comes after an upgrade although that is there.
///
/// # Errors
/// [`TopologyError::Missing`] after `patience`.
pub async fn wait(bus: &Bus, patience: Duration) -> Result<(), TopologyError> {
    let started = Instant::now();
    for what in STREAMS.into_iter().chain(BUCKETS) {
        while !is_there(bus, what).await {
            if started.elapsed() >= patience {
                return Err(TopologyError::Missing {
                    what,
                    waited: patience,
                });
            }
            tracing::info!("waiting for registry-svc to create the streams");
            sleep(Duration::from_millis(200)).await;
        }
    }
    Ok(())
}

async fn is_there(bus: &Bus, what: &str) -> bool {
    let name = if BUCKETS.contains(&what) {
        subjects::bucket_stream(what)
    } else {
        what.to_owned()
    };
    bus.jetstream().get_stream(name).await.is_ok()
}

fn failed(what: &'static str, error: &dyn std::fmt::Display) -> TopologyError {
    TopologyError::Create {
        what,
        reason: error.to_string(),
    }
}
