//! The durable work queue: a request is accepted once the stream says that it is stored.

use std::time::Duration;

use async_nats::header::{HeaderMap, NATS_MESSAGE_ID};
use async_nats::jetstream::{self, AckKind, consumer};
use bytes::Bytes;
use futures_util::StreamExt;
use serde::Deserialize;
use shared::ids::RunId;
use shared::subjects;
use tokio::time::timeout;

use crate::connect::{Bus, NotConnected};
use crate::inbox::Delivery;

/// Why a message was not stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// NATS is not there.
    #[error(transparent)]
    NotConnected(#[from] NotConnected),
    /// No acknowledgement came in time. The message may be stored all the same.
    #[error("the stream did not acknowledge in time")]
    Timeout,
    /// No stream takes the subject.
    #[error("no stream takes the message")]
    NoStream,
    /// The stream refused it, for instance since it is full.
    #[error("the stream refused the message: {0}")]
    Refused(String),
    /// The stream's answer cannot be read.
    #[error("the stream's answer cannot be read")]
    Answer(#[from] serde_json::Error),
}

/// A stream's answer to a publish, as the JetStream API defines it.
#[derive(Deserialize)]
struct PublishAck {
    error: Option<ApiError>,
}

#[derive(Deserialize)]
struct ApiError {
    description: String,
}

impl Bus {
    /// Stores a message and waits for the stream's acknowledgement. The same `id` is stored once.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn store(
        &self,
        subject: String,
        id: &str,
        payload: Bytes,
        patience: Duration,
    ) -> Result<(), StoreError> {
        self.connected()?;
        let mut slot = self.inbox().slot(1);
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id);
        let reply = slot.subject().to_owned();
        let exchange = async {
            let client = self.client();
            let sent = client
                .publish_with_reply_and_headers(subject, reply, headers, payload)
                .await;
            sent.map_err(|_| StoreError::NotConnected(NotConnected))?;
            match slot.next().await {
                Some(Delivery::Message(answer)) => read_ack(&answer),
                Some(Delivery::NoResponder) => Err(StoreError::NoStream),
                None => Err(StoreError::Timeout),
            }
        };
        timeout(patience, exchange)
            .await
            .unwrap_or(Err(StoreError::Timeout))
    }
}

fn read_ack(answer: &[u8]) -> Result<(), StoreError> {
    match serde_json::from_slice::<PublishAck>(answer)?.error {
        Some(error) => Err(StoreError::Refused(error.description)),
        None => Ok(()),
    }
}

/// Why no jobs come.
#[derive(Debug, thiserror::Error)]
#[error("the work queue cannot be read: {0}")]
pub struct QueueError(String);

/// The runs that wait in the work queue, for one runner.
pub struct Jobs {
    messages: consumer::pull::Stream,
}

impl Jobs {
    /// Joins the consumer that all runners share. At most `ahead` jobs are fetched before they are
    /// asked for, since those wait long when the runner dies.
    ///
    /// # Errors
    /// [`QueueError`] where the consumer is not there.
    pub async fn open(bus: &Bus, ahead: usize) -> Result<Self, QueueError> {
        let failed = |error: &dyn std::fmt::Display| QueueError(error.to_string());
        let consumer: consumer::Consumer<consumer::pull::Config> = bus
            .jetstream()
            .get_consumer_from_stream(subjects::RUNS_CONSUMER, subjects::RUNS_STREAM)
            .await
            .map_err(|error| failed(&error))?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(ahead)
            .heartbeat(Duration::from_secs(5))
            .expires(Duration::from_secs(30))
            .messages()
            .await
            .map_err(|error| failed(&error))?;
        Ok(Self { messages })
    }

    /// The next job. An error is passing: the stream goes on by itself. None once it has ended, and
    /// then it is to be opened again.
    pub async fn next(&mut self) -> Option<Result<Job, QueueError>> {
        let message = self.messages.next().await?;
        Some(
            message
                .map(|message| Job { message })
                .map_err(|error| QueueError(error.to_string())),
        )
    }
}

/// A job that this runner holds until it acknowledges it or lets it go.
pub struct Job {
    message: jetstream::Message,
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

    /// The job is done: it is deleted from the queue. Returns once the server has said so.
    pub async fn done(&self) -> bool {
        let acked = timeout(Duration::from_secs(5), self.message.double_ack()).await;
        matches!(acked, Ok(Ok(())))
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
