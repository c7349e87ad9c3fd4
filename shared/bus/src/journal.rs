//! The journals of runs: written, read, and cleared away.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::consumer::{Consumer, DeliverPolicy};
use async_nats::jetstream::stream::Stream;
use bytes::Bytes;
use futures_util::StreamExt;
use shared::ids::RunId;
use shared::subjects;
use shared::v1::reply::Outcome;
use tokio::time::timeout;

use crate::connect::Bus;
use crate::replay::in_order;
use crate::store::StoreError;
use crate::stream::last_on;

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

/// A run whose journal says that it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The run.
    pub run_id: RunId,
    /// How it ended; none where an earlier release wrote that.
    pub outcome: Option<Outcome>,
    /// When that was written, in milliseconds since the Unix epoch.
    pub at_ms: i64,
}

/// Writes an entry behind the one with the stream's number `last` (0: there is none). `ended` marks the last entry of a run, and
/// says how it ended.
/// Returns the stream's number of this one.
///
/// # Errors
/// [`StoreError::Overtaken`] where the last one is another; see [`StoreError`] for the others.
pub async fn write(
    bus: &Bus,
    run: RunId,
    last: u64,
    entry: Bytes,
    ended: Option<Outcome>,
    patience: Duration,
) -> Result<u64, StoreError> {
    let mut headers = HeaderMap::new();
    if let Some(outcome) = ended {
        headers.insert(subjects::ENDED_HEADER, outcome.as_str());
    }
    let subject = subjects::journal(run);
    if ops::planted("no-fence") {
        return bus.acknowledged(subject, headers, entry, patience).await;
    }
    bus.change_after(subject, headers, last, entry, patience)
        .await
}

/// All entries of a run, in order.
///
/// # Errors
/// [`JournalError`] where NATS is away or says no more for as long as `patience`. However long a journal is, it is read as
/// long as it keeps coming.
pub async fn read(bus: &Bus, run: RunId, patience: Duration) -> Result<Vec<Stored>, JournalError> {
    entries(bus, run, DeliverPolicy::All, patience).await
}

/// The last entry of a run; none where there is none. However long the journal is, that is as fast.
///
/// # Errors
/// [`JournalError`] where NATS is away or says nothing for as long as `patience`.
pub async fn last(
    bus: &Bus,
    run: RunId,
    patience: Duration,
) -> Result<Option<Stored>, JournalError> {
    let last = entries(bus, run, DeliverPolicy::LastPerSubject, patience);
    Ok(last.await?.pop())
}

async fn entries(
    bus: &Bus,
    run: RunId,
    from: DeliverPolicy,
    patience: Duration,
) -> Result<Vec<Stored>, JournalError> {
    let late = |_| JournalError("it took too long".to_owned());
    let subject = subjects::journal(run);
    let opened = in_order(bus, subjects::JOURNAL_STREAM, subject, from);
    let opened = timeout(patience, opened).await.map_err(late)?;
    let (mut messages, kept) = opened.map_err(JournalError)?;
    let mut entries = Vec::new();
    for _ in 0..kept {
        let message = timeout(patience, messages.next()).await.map_err(late)?;
        let message = message
            .ok_or_else(|| JournalError("it ended early".to_owned()))?
            .map_err(|error| failed(&error))?;
        let place = message.info().map_err(|error| failed(&*error))?;
        entries.push(Stored {
            sequence: place.stream_sequence,
            payload: message.payload.clone(),
        });
    }
    Ok(entries)
}

/// Clears away all of a journal but its last entry, which says that the run has ended.
///
/// # Errors
/// [`JournalError`] where NATS is away.
pub async fn shrink(bus: &Bus, run: RunId) -> Result<(), JournalError> {
    let purge = stream(bus).await?.purge().filter(subjects::journal(run));
    let purged = purge.keep(1).await;
    purged.map(drop).map_err(|error| failed(&error))
}

/// Clears a journal away. Whoever gets the run's job after that begins it anew.
///
/// # Errors
/// [`JournalError`] where NATS is away.
pub async fn clear(bus: &Bus, run: RunId) -> Result<(), JournalError> {
    let purge = stream(bus).await?.purge().filter(subjects::journal(run));
    purge.await.map(drop).map_err(|error| failed(&error))
}

/// Whether a run has a journal and has not ended.
///
/// # Errors
/// [`JournalError`] where NATS is away or says nothing within `patience`.
pub async fn goes_on(bus: &Bus, run: RunId, patience: Duration) -> Result<bool, JournalError> {
    let looking = async {
        let context = bus.jetstream();
        let stream = context.get_stream_no_info(subjects::JOURNAL_STREAM).await;
        let stream = stream.map_err(|error| failed(&error))?;
        let subject = subjects::journal(run);
        let last = last_on(&stream, &subject).await;
        let last = last.map_err(|error| failed(&error))?;
        Ok(last.is_some_and(|last| last.headers.get(subjects::ENDED_HEADER).is_none()))
    };
    timeout(patience, looking)
        .await
        .unwrap_or_else(|_| Err(JournalError("it took too long".to_owned())))
}

/// The runs whose journals say that they have ended, and did so before `before_s` (seconds since the Unix epoch).
///
/// # Errors
/// [`JournalError`] where NATS is away or says no more within `patience`.
pub async fn ended(
    bus: &Bus,
    before_s: i64,
    patience: Duration,
) -> Result<Vec<Ended>, JournalError> {
    timeout(patience, ended_before(bus, before_s))
        .await
        .unwrap_or_else(|_| Err(JournalError("it took too long".to_owned())))
}

async fn ended_before(bus: &Bus, before_s: i64) -> Result<Vec<Ended>, JournalError> {
    let config = OrderedConfig {
        deliver_policy: DeliverPolicy::LastPerSubject,
        filter_subject: subjects::JOURNAL_SUBJECTS.to_owned(),
        headers_only: true,
        ..Default::default()
    };
    let consumer = stream(bus).await?.create_consumer(config).await;
    let consumer: Consumer<OrderedConfig> = consumer.map_err(|error| failed(&error))?;
    let last = consumer.cached_info().num_pending;
    let mut ended = Vec::new();
    if last == 0 {
        return Ok(ended);
    }
    let mut messages = consumer.messages().await.map_err(|error| failed(&error))?;
    for _ in 0..last {
        let message = messages.next().await;
        let message = message.ok_or_else(|| JournalError("they ended early".to_owned()))?;
        let message = message.map_err(|error| failed(&error))?;
        let headers = message.headers.as_ref();
        let Some(mark) = headers.and_then(|headers| headers.get(subjects::ENDED_HEADER)) else {
            continue;
        };
        let info = message.info().map_err(|error| failed(&error))?;
        if info.published.unix_timestamp() >= before_s {
            continue;
        }
        let run_id = message.subject.rsplit('.').next();
        let run_id = run_id.and_then(|run_id| run_id.parse().ok());
        let outcome = Outcome::named(mark.as_str());
        let at_ms = info.published.unix_timestamp_nanos() / 1_000_000;
        let at_ms = i64::try_from(at_ms).unwrap_or_default();
        ended.extend(run_id.map(|run_id| Ended {
            run_id,
            outcome,
            at_ms,
        }));
    }
    Ok(ended)
}

async fn stream(bus: &Bus) -> Result<Stream, JournalError> {
    let context = bus.jetstream();
    let stream = context.get_stream(subjects::JOURNAL_STREAM).await;
    stream.map_err(|error| failed(&error))
}

fn failed(error: &dyn std::fmt::Display) -> JournalError {
    JournalError(error.to_string())
}
