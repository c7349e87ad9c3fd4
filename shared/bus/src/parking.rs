//! Runs that wait for a moment, outside of the work queue: a message each, and nothing else.

use std::time::Duration;

use async_nats::header::HeaderMap;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use async_nats::jetstream::consumer::{Consumer, DeliverPolicy};
use async_nats::jetstream::stream::{RawMessageErrorKind, Stream};
use bytes::Bytes;
use futures_util::StreamExt;
use shared::ids::RunId;
use shared::subjects;
use shared::v1::letters::LetterKey;

use crate::connect::Bus;
use crate::queue::job_id;
use crate::store::StoreError;
use crate::stream::last_on;

/// Why parked runs cannot be watched or let go on.
#[derive(Debug, thiserror::Error)]
pub enum ParkingError {
    /// NATS says so.
    #[error("the parked runs cannot be used: {0}")]
    Stream(String),
    /// The run cannot be put back into the work queue.
    #[error("the run cannot go back to the work queue")]
    Queue(#[from] StoreError),
}

impl Bus {
    /// Parks a run until `due_ms` (milliseconds since the Unix epoch), or until one of the letters comes that it waits for,
    /// in the place of what was parked of it before. `job` is what goes back into the work queue then.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn park(
        &self,
        run: RunId,
        due_ms: i64,
        awaits: &[LetterKey],
        job: Bytes,
        patience: Duration,
    ) -> Result<(), StoreError> {
        let mut headers = HeaderMap::new();
        headers.insert(subjects::DUE_HEADER, due_ms.to_string().as_str());
        if !awaits.is_empty() {
            let keys: Vec<String> = awaits.iter().map(ToString::to_string).collect();
            headers.insert(subjects::AWAITS_HEADER, keys.join(",").as_str());
        }
        let stored = self.acknowledged(subjects::parked(run), headers, job, patience);
        stored.await.map(drop)
    }
}

/// A parked run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parked {
    /// When it is due, in milliseconds since the Unix epoch.
    pub due_ms: i64,
    /// The stream's number of it.
    pub sequence: u64,
}

/// A run that was parked, as a watch tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The parked run.
    pub parked: Parked,
    /// The run.
    pub run: RunId,
    /// The keys of the letters that it waits for.
    pub awaits: Vec<LetterKey>,
}

impl Arrival {
    /// Whether a letter with this key lets the run go on.
    #[must_use]
    pub fn waits_for(&self, key: &LetterKey) -> bool {
        key.is_cancel() || self.awaits.contains(key)
    }
}

/// The parked runs, as one watches them.
pub struct Parking {
    bus: Bus,
    stream: Stream,
    messages: Ordered,
}

impl Parking {
    /// Begins to watch: [`Parking::next`] tells of every run that is parked, and then of each new one.
    ///
    /// # Errors
    /// [`ParkingError`] where the stream is not there.
    pub async fn watch(bus: &Bus) -> Result<Self, ParkingError> {
        let stream = bus.jetstream().get_stream(subjects::PARKED_STREAM).await;
        let stream = stream.map_err(|error| failed(&error))?;
        let deliver_policy = if ops::planted("forgets-parked") {
            DeliverPolicy::New
        } else {
            DeliverPolicy::All
        };
        let config = OrderedConfig {
            deliver_policy,
            headers_only: true,
            ..Default::default()
        };
        let consumer: Consumer<OrderedConfig> = stream
            .create_consumer(config)
            .await
            .map_err(|error| failed(&error))?;
        let messages = consumer.messages().await.map_err(|error| failed(&error))?;
        Ok(Self {
            bus: bus.clone(),
            stream,
            messages,
        })
    }

    /// The next parked run, in the order in which they were parked. None when the watch is to be begun anew.
    ///
    /// # Errors
    /// [`ParkingError`] where the stream cannot be read.
    pub async fn next(&mut self) -> Option<Result<Arrival, ParkingError>> {
        loop {
            let message = match self.messages.next().await? {
                Ok(message) => message,
                Err(error) => return Some(Err(failed(&error))),
            };
            let sequence = match message.info() {
                Ok(info) => info.stream_sequence,
                Err(error) => return Some(Err(failed(&error))),
            };
            match arrival(&message.subject, message.headers.as_ref(), sequence) {
                Some(arrival) => return Some(Ok(arrival)),
                None => tracing::error!(sequence, "a parked run does not say when it is due"),
            }
        }
    }

    /// What lets runs go on, beside the watch.
    #[must_use]
    pub fn gate(&self) -> Gate {
        Gate {
            bus: self.bus.clone(),
            stream: self.stream.clone(),
        }
    }
}

/// What the headers of a parked run say of it; none where they do not say when it is due.
fn arrival(subject: &str, headers: Option<&HeaderMap>, sequence: u64) -> Option<Arrival> {
    let headers = headers?;
    let due_ms = headers.get(subjects::DUE_HEADER)?.as_str().parse().ok()?;
    let awaits = headers.get(subjects::AWAITS_HEADER);
    let awaits = awaits.map_or("", |keys| keys.as_str()).split(',');
    Some(Arrival {
        parked: Parked { due_ms, sequence },
        run: run_of(subject)?,
        awaits: awaits.filter_map(LetterKey::parse).collect(),
    })
}

/// Lets parked runs go on.
#[derive(Clone)]
pub struct Gate {
    bus: Bus,
    stream: Stream,
}

impl Gate {
    /// What lets runs go on.
    ///
    /// # Errors
    /// [`ParkingError`] where the stream is not there.
    pub async fn open(bus: &Bus) -> Result<Self, ParkingError> {
        let stream = bus.jetstream().get_stream(subjects::PARKED_STREAM).await;
        Ok(Self {
            bus: bus.clone(),
            stream: stream.map_err(|error| failed(&error))?,
        })
    }

    /// Puts a run back into the work queue that is parked and waits for the letter with this key. The stream's number of
    /// what was parked, where it was.
    ///
    /// # Errors
    /// [`ParkingError`]; the run stays parked.
    pub async fn release_for(
        &self,
        run: RunId,
        key: &LetterKey,
        patience: Duration,
    ) -> Result<Option<u64>, ParkingError> {
        let subject = subjects::parked(run);
        let found = last_on(&self.stream, &subject).await;
        let Some(message) = found.map_err(|error| failed(&error))? else {
            return Ok(None);
        };
        let sequence = message.sequence;
        match arrival(&subject, Some(&message.headers), sequence) {
            Some(arrival) if arrival.waits_for(key) => {
                let was_there = self.release(arrival.parked, patience).await?;
                Ok(was_there.then_some(sequence))
            }
            _ => Ok(None),
        }
    }

    /// Puts a run back into the work queue, once, however many do that at the same time. Whether it was still parked.
    ///
    /// # Errors
    /// [`ParkingError`]; the run stays parked.
    pub async fn release(&self, parked: Parked, patience: Duration) -> Result<bool, ParkingError> {
        let message = match self.stream.get_raw_message(parked.sequence).await {
            Ok(message) => message,
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => return Ok(false),
            Err(error) => return Err(failed(&error)),
        };
        let Some(run) = run_of(&message.subject) else {
            return Err(ParkingError::Stream(
                "a subject is none of a run".to_owned(),
            ));
        };
        let id = format!("{}:{}", job_id(run), parked.sequence);
        let lane = subjects::run_async(subjects::DEFAULT_LANE);
        let stored = self.bus.store(lane, &id, message.payload, patience);
        stored.await?;
        let deleted = self.stream.delete_message(parked.sequence).await;
        if let Err(error) = deleted {
            // It is let go on once more, and finds that it has.
            tracing::debug!(%error, "a run that goes on is still parked");
        }
        Ok(true)
    }
}

fn run_of(subject: &str) -> Option<RunId> {
    subject.rsplit('.').next()?.parse().ok()
}

fn failed(error: &dyn std::fmt::Display) -> ParkingError {
    ParkingError::Stream(error.to_string())
}
