//! Reading the kept frames of one run from the first on, and then live.

use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use async_nats::jetstream::consumer::{Consumer, DeliverPolicy};
use bytes::Bytes;
use futures_util::StreamExt;
use shared::ids::{EndpointId, RunId};
use shared::subjects;

use crate::connect::Bus;

/// Why frames cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the kept frames cannot be read: {0}")]
pub struct ReplayError(String);

/// The kept frames of a run. The server forgets the reader once this is dropped.
pub struct Replay {
    messages: Ordered,
    kept: u64,
}

impl Replay {
    /// Begins to read.
    ///
    /// # Errors
    /// [`ReplayError`] where the stream of frames is not there.
    pub async fn open(bus: &Bus, endpoint: EndpointId, run: RunId) -> Result<Self, ReplayError> {
        let failed = |error: &dyn std::fmt::Display| ReplayError(error.to_string());
        let context = bus.jetstream();
        let stream = context.get_stream(subjects::FRAMES_STREAM).await;
        let stream = stream.map_err(|error| failed(&error))?;
        let config = OrderedConfig {
            filter_subject: subjects::frames(endpoint, run),
            deliver_policy: DeliverPolicy::All,
            ..Default::default()
        };
        let consumer: Consumer<OrderedConfig> = stream
            .create_consumer(config)
            .await
            .map_err(|error| failed(&error))?;
        let kept = consumer.cached_info().num_pending;
        let messages = consumer.messages().await.map_err(|error| failed(&error))?;
        Ok(Self { messages, kept })
    }

    /// How many frames were kept when the reading began; those after them come live.
    #[must_use]
    pub fn kept(&self) -> u64 {
        self.kept
    }

    /// The next frame, in order. None once reading has ended; then it is to be begun again.
    pub async fn next(&mut self) -> Option<Result<Bytes, ReplayError>> {
        let message = self.messages.next().await?;
        Some(
            message
                .map(|message| message.payload.clone())
                .map_err(|error| ReplayError(error.to_string())),
        )
    }
}
