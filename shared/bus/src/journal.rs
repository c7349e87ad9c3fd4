//! Reading and clearing away the journal of a run. Entries are written by [`Bus::store_after`].

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use shared::ids::RunId;
use shared::subjects;
use tokio::time::timeout;

use crate::connect::Bus;
use crate::replay::in_order;

/// Why a journal cannot be read or cleared away.
#[derive(Debug, thiserror::Error)]
#[error("the journal of the run cannot be used: {0}")]
pub struct JournalError(String);

/// One stored entry.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The stream's number of it.
    pub sequence: u64,
    /// The frame.
    pub payload: Bytes,
}

/// All entries of a run, in order.
///
/// # Errors
/// [`JournalError`] where NATS is away or says no more within `patience`.
pub async fn read(bus: &Bus, run: RunId, patience: Duration) -> Result<Vec<Stored>, JournalError> {
    let reading = async {
        let subject = subjects::journal(run);
        let (mut messages, kept) = in_order(bus, subjects::JOURNAL_STREAM, subject)
            .await
            .map_err(JournalError)?;
        let mut entries = Vec::new();
        for _ in 0..kept {
            let message = messages
                .next()
                .await
                .ok_or_else(|| JournalError("it ended early".to_owned()))?
                .map_err(|error| JournalError(error.to_string()))?;
            let place = message
                .info()
                .map_err(|error| JournalError(error.to_string()))?;
            entries.push(Stored {
                sequence: place.stream_sequence,
                payload: message.payload.clone(),
            });
        }
        Ok(entries)
    };
    timeout(patience, reading)
        .await
        .unwrap_or_else(|_| Err(JournalError("it took too long".to_owned())))
}

/// Clears a journal away. Only for a run whose job is acknowledged.
///
/// # Errors
/// [`JournalError`] where NATS is away.
pub async fn clear(bus: &Bus, run: RunId) -> Result<(), JournalError> {
    let stream = bus
        .jetstream()
        .get_stream_no_info(subjects::JOURNAL_STREAM)
        .await
        .map_err(|error| JournalError(error.to_string()))?;
    let purged = stream.purge().filter(subjects::journal(run)).await;
    purged
        .map(drop)
        .map_err(|error| JournalError(error.to_string()))
}
