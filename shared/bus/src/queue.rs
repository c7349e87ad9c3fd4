//! The durable work queue: a request is accepted once the stream says that it is stored.

use std::time::Duration;

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use async_nats::jetstream::{self, AckKind, consumer};
use bytes::Bytes;
use futures_util::StreamExt;
use shared::ids::RunId;
use shared::subjects;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::connect::Bus;

/// How long a question for jobs stands. Short, since a runner that stops reads to its end.
const ASKED_FOR: Duration = Duration::from_secs(1);

/// How long one try to acknowledge a job may take.
const ACKNOWLEDGED: Duration = Duration::from_secs(2);

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// Why no jobs come.
#[derive(Debug, thiserror::Error)]
#[error("the work queue cannot be read: {0}")]
pub struct QueueError(String);

/// The runs that wait in the work queue, for one runner.
pub struct Jobs {
    consumer: consumer::Consumer<consumer::pull::Config>,
    connections: watch::Receiver<u64>,
}

impl Jobs {
    /// Joins the consumer that all runners share.
    ///
    /// # Errors
    /// [`QueueError`] where the consumer is not there.
    pub async fn open(bus: &Bus) -> Result<Self, QueueError> {
        Self::join(bus, subjects::RUNS_STREAM, subjects::RUNS_CONSUMER).await
    }

    /// Joins the consumer of what runners tell of their runs, which all registry-svc share. A job is then a batch of
    /// records.
    ///
    /// # Errors
    /// [`QueueError`] where the consumer is not there.
    pub async fn open_run_log(bus: &Bus) -> Result<Self, QueueError> {
        Self::join(bus, subjects::RUN_LOG_STREAM, subjects::RUN_LOG_CONSUMER).await
    }

    async fn join(bus: &Bus, stream: &str, consumer: &str) -> Result<Self, QueueError> {
        let consumer = bus
            .jetstream()
            .get_consumer_from_stream(consumer, stream)
            .await
            .map_err(|error| failed(&error))?;
        Ok(Self {
            consumer,
            connections: bus.connections(),
        })
    }

    /// How long a job may go without a sign of life before another runner gets it.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.consumer.cached_info().config.ack_wait
    }

    /// Asks for up to `most` jobs: as many as can be carried out at once, since what is fetched and waits here waits
    /// however idle other runners are, and for the queue's whole patience when this one dies.
    ///
    /// # Errors
    /// [`QueueError`] where NATS is away.
    pub async fn ask(&mut self, most: usize) -> Result<Batch, QueueError> {
        // Before the question: a connection that is made anew from here on may have lost it.
        self.connections.mark_unchanged();
        let messages = self
            .consumer
            .batch()
            .max_messages(most)
            .expires(ASKED_FOR)
            .messages()
            .await
            .map_err(|error| failed(&error))?;
        Ok(Batch {
            messages,
            patience: self.patience(),
            connections: self.connections.clone(),
        })
    }
}

/// Whether a run waits in the work queue, or is being carried out from there; none where the queue is so long that this is
/// not known within `patience`. It reads the queue through, so it is for people who ask about one run.
///
/// # Errors
/// [`QueueError`] where NATS is away.
pub async fn waits_in_queue(
    bus: &Bus,
    run: RunId,
    patience: Duration,
) -> Result<Option<bool>, QueueError> {
    let looking = async {
        let stream = bus.jetstream().get_stream(subjects::RUNS_STREAM).await;
        let stream = stream.map_err(|error| failed(&error))?;
        // A work queue takes no reader beside its own, save for one that asks for messages by their numbers.
        let state = &stream.cached_info().state;
        let wanted = job_id(run);
        let mut sequence = state.first_sequence;
        while sequence <= state.last_sequence {
            let message =
                stream.get_first_raw_message_by_subject(subjects::RUNS_SUBJECTS, sequence);
            let message = match message.await {
                Ok(message) => message,
                Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
                    return Ok(false);
                }
                Err(error) => return Err(failed(&error)),
            };
            let id = message.headers.get(NATS_MESSAGE_ID);
            let id = id.map(|id| id.as_str()).unwrap_or_default();
            // One that was parked has a number behind its run's id.
            if id == wanted
                || id
                    .strip_prefix(&wanted)
                    .is_some_and(|rest| rest.starts_with(':'))
            {
                return Ok(true);
            }
            sequence = message.sequence + 1;
        }
        Ok(false)
    };
    timeout(patience, looking).await.ok().transpose()
}

/// The jobs that were asked for, as they come.
pub struct Batch {
    messages: consumer::pull::Batch,
    patience: Duration,
    connections: watch::Receiver<u64>,
}

impl Batch {
    /// The next job. None once all have come, after a second at the latest, or when the connection was made anew and the
    /// server has forgotten the question. A batch that is not read to its end may leave a job behind that waits for the
    /// queue's patience.
    ///
    /// # Errors
    /// [`QueueError`] where the server says that there is something wrong.
    pub async fn next(&mut self) -> Result<Option<Job>, QueueError> {
        let message = tokio::select! {
            biased;
            message = self.messages.next() => message,
            Ok(()) = self.connections.changed() => return Ok(None),
        };
        match message {
            None => Ok(None),
            Some(Ok(message)) => Ok(Some(Job {
                message,
                patience: self.patience,
            })),
            Some(Err(error)) => Err(failed(&error)),
        }
    }
}

fn failed(error: &dyn std::fmt::Display) -> QueueError {
    QueueError(error.to_string())
}

/// A job that this runner holds until it acknowledges it or lets it go.
pub struct Job {
    message: jetstream::Message,
    patience: Duration,
}

impl Job {
    /// The stored frame.
    #[must_use]
    pub fn payload(&self) -> Bytes {
        self.message.payload.clone()
    }

    /// How often the job was handed out before.
    #[must_use]
    pub fn earlier_deliveries(&self) -> u32 {
        let delivered = self.message.info().map_or(1, |info| info.delivered);
        u32::try_from(delivered.saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// The job is done: it is deleted from the queue. Returns true once the server has said so, and false where it has
    /// not within the queue's patience: the job is then handed out again.
    pub async fn done(&self) -> bool {
        let acknowledged = async {
            loop {
                match timeout(ACKNOWLEDGED, self.message.double_ack()).await {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => tracing::debug!(%error, "an acknowledgement is tried again"),
                    Err(_) => {
                        tracing::debug!("an acknowledgement took too long and is tried again");
                    }
                }
                sleep(PAUSE).await;
            }
        };
        timeout(self.patience, acknowledged).await.is_ok()
    }

    /// The job is still in work.
    pub async fn in_progress(&self) {
        if let Err(error) = self.message.ack_with(AckKind::Progress).await {
            tracing::warn!(%error, "a job's progress could not be reported");
        }
    }

    /// Another runner shall have the job, after `delay`.
    pub async fn release(&self, delay: Option<Duration>) {
        if let Err(error) = self.message.ack_with(AckKind::Nak(delay)).await {
            tracing::warn!(%error, "a job could not be given back");
        }
    }
}

/// The id under which a run is stored once.
#[must_use]
pub fn job_id(run: RunId) -> String {
    run.to_string()
}
