//! Storing a message in a stream, which is done once the stream says so.

use std::time::Duration;

use async_nats::header::{HeaderMap, NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_MESSAGE_ID};
use bytes::Bytes;
use serde::Deserialize;
use tokio::time::timeout;

use crate::connect::{Bus, NotConnected};
use crate::inbox::Delivery;

/// The stream's code for a message that does not follow on the one that it should (nats-server's errors.json).
const WRONG_LAST_SEQUENCE: [u16; 2] = [10_071, 10_164];

/// Why a message was not stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// NATS is not there.
    #[error(transparent)]
    NotConnected(#[from] NotConnected),
    /// No acknowledgement came in time. The message may be stored all the same.
    #[error("the stream did not acknowledge in time")]
    Timeout,
    /// The connection was lost before the acknowledgement. The message may be stored all the same.
    #[error("the connection to NATS was lost before the stream's acknowledgement")]
    Cut,
    /// No stream takes the subject.
    #[error("no stream takes the message")]
    NoStream,
    /// Another message was stored on the subject than the one that this was to follow on.
    #[error("another message was stored before this one")]
    Overtaken,
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
    #[serde(default)]
    seq: u64,
}

#[derive(Deserialize)]
struct ApiError {
    #[serde(default)]
    err_code: u16,
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
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id);
        let stored = self.acknowledged(subject, headers, payload, patience);
        stored.await.map(drop)
    }

    /// Stores a message where the last one on its subject is the one with the stream's number `last` (0: there is none).
    /// Returns the stream's number of this one.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] where the last one is another; see [`StoreError`] for the others.
    pub async fn store_after(
        &self,
        subject: String,
        last: u64,
        payload: Bytes,
        patience: Duration,
    ) -> Result<u64, StoreError> {
        self.change_after(subject, HeaderMap::new(), last, payload, patience)
            .await
    }

    pub(crate) async fn change_after(
        &self,
        subject: String,
        mut headers: HeaderMap,
        last: u64,
        payload: Bytes,
        patience: Duration,
    ) -> Result<u64, StoreError> {
        headers.insert(
            NATS_EXPECTED_LAST_SUBJECT_SEQUENCE,
            last.to_string().as_str(),
        );
        self.acknowledged(subject, headers, payload, patience).await
    }

    pub(crate) async fn acknowledged(
        &self,
        subject: String,
        headers: HeaderMap,
        payload: Bytes,
        patience: Duration,
    ) -> Result<u64, StoreError> {
        self.connected()?;
        let mut slot = self.inbox().slot(1);
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
                Some(Delivery::Disconnected) => Err(StoreError::Cut),
                None => Err(StoreError::Timeout),
            }
        };
        timeout(patience, exchange)
            .await
            .unwrap_or(Err(StoreError::Timeout))
    }
}

fn read_ack(answer: &[u8]) -> Result<u64, StoreError> {
    let ack: PublishAck = serde_json::from_slice(answer)?;
    match ack.error {
        Some(error) if WRONG_LAST_SEQUENCE.contains(&error.err_code) => Err(StoreError::Overtaken),
        Some(error) => Err(StoreError::Refused(error.description)),
        None => Ok(ack.seq),
    }
}
