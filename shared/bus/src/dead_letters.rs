//! Runs that nobody could carry out: a message each, with what is to be known of it in a header.

use std::time::Duration;

use async_nats::header::HeaderMap;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::consumer::{Consumer, DeliverPolicy};
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::Stream;
use bytes::Bytes;
use futures_util::StreamExt;
use shared::ids::RunId;
use shared::subjects;
use shared::v1::dead_letters::DeadLetter;

use crate::connect::Bus;
use crate::queue::job_id;
use crate::store::StoreError;
use crate::stream::{in_time, last_on};

/// Why dead letters cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DeadLetterError {
    /// NATS says so.
    #[error("the dead letters cannot be used: {0}")]
    Stream(String),
    /// A letter cannot be stored, or its run cannot go back into the work queue.
    #[error("the message cannot be stored")]
    Store(#[from] StoreError),
    /// What is to be known of it cannot be written or read.
    #[error("a dead letter does not say what it is")]
    Head(#[from] serde_json::Error),
}

/// A stored dead letter.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What is to be known of it.
    pub letter: DeadLetter,
    /// The stream's number of it.
    pub sequence: u64,
    /// The job.
    pub job: Bytes,
}

/// The dead letters of the platform.
#[derive(Clone)]
pub struct DeadLetters {
    bus: Bus,
    patience: Duration,
}

impl DeadLetters {
    /// Each question takes as long as `patience` at most.
    #[must_use]
    pub fn new(bus: Bus, patience: Duration) -> Self {
        Self { bus, patience }
    }

    /// Puts a run aside. `job` is what goes back into the work queue where it is sent again.
    ///
    /// # Errors
    /// [`DeadLetterError`].
    pub async fn put(&self, letter: &DeadLetter, job: Bytes) -> Result<(), DeadLetterError> {
        let head = serde_json::to_string(letter)?;
        let mut headers = HeaderMap::new();
        headers.insert(subjects::DEAD_LETTER_HEADER, head.as_str());
        let subject = subjects::dead_letter(letter.run_id);
        let stored = self.bus.acknowledged(subject, headers, job, self.patience);
        stored.await?;
        Ok(())
    }

    /// Dead letters behind the one with the stream's number `after`, oldest first, each with its number; at most `most`
    /// of those that `wanted` takes.
    ///
    /// # Errors
    /// [`DeadLetterError`].
    pub async fn list(
        &self,
        after: u64,
        most: usize,
        wanted: impl Fn(&DeadLetter) -> bool,
    ) -> Result<Vec<(u64, DeadLetter)>, DeadLetterError> {
        let reading = async {
            let config = OrderedConfig {
                deliver_policy: DeliverPolicy::ByStartSequence {
                    start_sequence: after + 1,
                },
                headers_only: true,
                ..Default::default()
            };
            let stream = self.stream().await?;
            let consumer: Consumer<OrderedConfig> = stream
                .create_consumer(config)
                .await
                .map_err(|error| failed(&error))?;
            let mut left = consumer.cached_info().num_pending;
            let mut found = Vec::new();
            if left == 0 {
                return Ok(found);
            }
            let mut messages = consumer.messages().await.map_err(|error| failed(&error))?;
            while left > 0 && found.len() < most {
                let Some(message) = messages.next().await else {
                    return Err(DeadLetterError::Stream("they ended early".to_owned()));
                };
                left -= 1;
                let message = message.map_err(|error| failed(&error))?;
                let place = message.info().map_err(|error| failed(&error))?;
                let sequence = place.stream_sequence;
                match head(message.headers.as_ref()) {
                    Ok(letter) if wanted(&letter) => found.push((sequence, letter)),
                    Ok(_) => {}
                    Err(error) => tracing::error!(sequence, %error, "a dead letter is passed over"),
                }
            }
            Ok(found)
        };
        self.in_time(reading).await
    }

    /// The dead letter of a run.
    ///
    /// # Errors
    /// [`DeadLetterError`].
    pub async fn get(&self, run: RunId) -> Result<Option<Stored>, DeadLetterError> {
        let reading = async {
            let stream = self.stream().await?;
            let subject = subjects::dead_letter(run);
            let found = last_on(&stream, &subject).await;
            let found = found.map_err(|error| failed(&error))?;
            found.map(stored).transpose()
        };
        self.in_time(reading).await
    }

    /// Puts a run back into the work queue. What is done twice, since the first time was not noticed, is done once.
    ///
    /// # Errors
    /// [`DeadLetterError`]; the letter stays.
    pub async fn send_again(&self, stored: Stored) -> Result<(), DeadLetterError> {
        let id = format!("{}:dead:{}", job_id(stored.letter.run_id), stored.sequence);
        let lane = subjects::run_async(subjects::DEFAULT_LANE);
        let sent = self.bus.store(lane, &id, stored.job, self.patience);
        sent.await?;
        self.remove(stored.sequence).await
    }

    /// Removes a dead letter.
    ///
    /// # Errors
    /// [`DeadLetterError`].
    pub async fn remove(&self, sequence: u64) -> Result<(), DeadLetterError> {
        let removing = async {
            let stream = self.stream().await?;
            let removed = stream.delete_message(sequence).await;
            removed.map(drop).map_err(|error| failed(&error))
        };
        self.in_time(removing).await
    }

    async fn stream(&self) -> Result<Stream, DeadLetterError> {
        let context = self.bus.jetstream();
        let stream = context.get_stream(subjects::DEAD_LETTERS_STREAM).await;
        stream.map_err(|error| failed(&error))
    }

    async fn in_time<T>(
        &self,
        question: impl Future<Output = Result<T, DeadLetterError>>,
    ) -> Result<T, DeadLetterError> {
        in_time(self.patience, Box::pin(question), DeadLetterError::Stream).await
    }
}

fn stored(message: StreamMessage) -> Result<Stored, DeadLetterError> {
    Ok(Stored {
        letter: head(Some(&message.headers))?,
        sequence: message.sequence,
        job: message.payload,
    })
}

fn head(headers: Option<&HeaderMap>) -> Result<DeadLetter, serde_json::Error> {
    let text = headers.and_then(|headers| headers.get(subjects::DEAD_LETTER_HEADER));
    serde_json::from_str(text.map(AsRef::as_ref).unwrap_or_default())
}

fn failed(error: &dyn std::fmt::Display) -> DeadLetterError {
    DeadLetterError::Stream(error.to_string())
}
