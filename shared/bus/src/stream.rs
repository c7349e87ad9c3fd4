//! Questions to a stream.

use std::time::Duration;

use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{LastRawMessageError, LastRawMessageErrorKind, Stream};
use tokio::time::timeout;

/// The last message on a subject; none where there is none.
///
/// # Errors
/// What NATS says.
pub(crate) async fn last_on<I>(
    stream: &Stream<I>,
    subject: &str,
) -> Result<Option<StreamMessage>, LastRawMessageError> {
    match stream.get_last_raw_message_by_subject(subject).await {
        Ok(message) => Ok(Some(message)),
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What comes of a question within `patience`.
///
/// # Errors
/// Those of the question; what `late` makes of a sentence where nothing came in time.
pub(crate) async fn in_time<T, E>(
    patience: Duration,
    question: impl Future<Output = Result<T, E>>,
    late: impl FnOnce(String) -> E,
) -> Result<T, E> {
    timeout(patience, question)
        .await
        .unwrap_or_else(|_| Err(late("NATS did not answer in time".to_owned())))
}
