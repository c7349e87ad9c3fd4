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
        let subject = subjects::frames(endpoint, run);
        let (messages, kept) = in_order(bus, subjects::FRAMES_STREAM, subject, DeliverPolicy::All)
            .await
            .map_err(ReplayError)?;
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

/// Reads what a stream holds on a subject, from where `policy` says on; and how many it holds of that now.
///
/// # Errors
/// What NATS said, where the stream is not there.
pub(crate) async fn in_order(
    bus: &Bus,
    stream: &str,
    subject: String,
    deliver_policy: DeliverPolicy,
) -> Result<(Ordered, u64), String> {
    let stream = bus.jetstream().get_stream(stream).await;
    let stream = stream.map_err(|error| error.to_string())?;
    let config = OrderedConfig {
        filter_subject: subject,
        deliver_policy,
        ..Default::default()
    };
    let consumer: Consumer<OrderedConfig> = stream
        .create_consumer(config)
        .await
        .map_err(|error| error.to_string())?;
    let kept = consumer.cached_info().num_pending;
    let messages = consumer.messages().await;
    Ok((messages.map_err(|error| error.to_string())?, kept))
}
