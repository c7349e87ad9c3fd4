//! Asking another service.

use std::time::Duration;

use shared::codes::Code;
use shared::frame::{self, Frame, FrameError, Kind};
use shared::rpc::{Context, Request, Rpc};
use shared::v1::reply::Failure;
use tokio::time::timeout;

use crate::connect::{Bus, NotConnected};
use crate::inbox::Delivery;

/// Two tries fit into an idempotent call's time, so that one instance may die or drain unnoticed.
const TRIES: u32 = 2;

/// Why a call brought no result.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The service answered that it failed.
    #[error("{code}: {detail}", code = .0.code, detail = .0.detail)]
    Failed(Failure),
    /// Nobody serves the subject.
    #[error("no instance of the service is there")]
    NoResponder,
    /// No answer came in time.
    #[error("the service did not answer in time")]
    Timeout,
    /// The connection to NATS is down.
    #[error(transparent)]
    NotConnected(#[from] NotConnected),
    /// The answer cannot be read.
    #[error("the answer cannot be read")]
    Frame(#[from] FrameError),
}

impl CallError {
    /// The failure as it is passed on to a caller, with `unavailable` for a service that is not there.
    #[must_use]
    pub fn into_failure(self, unavailable: Code) -> Failure {
        match self {
            Self::Failed(failure) => failure,
            Self::Frame(error) => {
                tracing::error!(%error, "an answer could not be read");
                Failure::new(Code::Internal, "an internal answer could not be read")
            }
            Self::NotConnected(error) => Failure::new(Code::BusUnavailable, error.to_string()),
            other => Failure::new(unavailable, other.to_string()),
        }
    }
}

impl Bus {
    /// Asks the service that serves `M`, until `patience` ends.
    ///
    /// An idempotent request is asked twice within that time; `now_ms` is the wall clock now.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn call<M: Rpc>(
        &self,
        mut context: Context,
        message: M,
        patience: Duration,
        now_ms: i64,
    ) -> Result<M::Reply, CallError> {
        context.deadline_ms = now_ms + i64::try_from(patience.as_millis()).unwrap_or(i64::MAX / 2);
        let payload = frame::encode(Kind::Request, &Request { context, message }, &[])?;
        let tries = if M::IDEMPOTENT { TRIES } else { 1 };
        let mut outcome = Err(CallError::Timeout);
        for _ in 0..tries {
            outcome = self
                .ask(M::SUBJECT, payload.clone(), patience / tries)
                .await;
            if !matches!(outcome, Err(CallError::Timeout)) {
                break;
            }
        }
        Ok(outcome?.head::<M::Reply>()?)
    }

    async fn ask(
        &self,
        subject: &'static str,
        payload: bytes::Bytes,
        patience: Duration,
    ) -> Result<Frame, CallError> {
        let mut slot = self.inbox().slot(1);
        let reply = slot.subject().to_owned();
        let exchange = async {
            self.publish_for(subject.to_owned(), reply, payload).await?;
            match slot.next().await {
                Some(Delivery::Message(payload)) => read(payload),
                Some(Delivery::NoResponder) => Err(CallError::NoResponder),
                Some(Delivery::Disconnected) => Err(CallError::NotConnected(NotConnected)),
                None => Err(CallError::Timeout),
            }
        };
        timeout(patience, exchange)
            .await
            .unwrap_or(Err(CallError::Timeout))
    }
}

fn read(payload: bytes::Bytes) -> Result<Frame, CallError> {
    let frame = frame::decode(payload)?;
    match frame.kind {
        Kind::Failure => Err(CallError::Failed(frame.head()?)),
        _ => Ok(frame),
    }
}
