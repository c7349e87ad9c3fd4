//! Letters of runs: stored once for each place, looked for, and heard of as they come.

use std::collections::HashMap;
use std::time::Duration;

use async_nats::header::HeaderMap;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use async_nats::jetstream::consumer::{Consumer, DeliverPolicy};
use async_nats::jetstream::stream::Stream;
use bytes::Bytes;
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use shared::frame::{self, FrameError, Kind};
use shared::ids::RunId;
use shared::subjects;
use shared::v1::letters::{Letter, LetterKey};
use tokio::time::timeout;

use crate::connect::Bus;
use crate::store::StoreError;
use crate::stream::{in_time, last_on};

/// After how long a silence no more letters come of those that were there.
const SILENCE: Duration = Duration::from_secs(2);

/// Why letters cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// NATS says so.
    #[error("the letters of runs cannot be used: {0}")]
    Stream(String),
    /// It cannot be stored.
    #[error("the letter cannot be stored")]
    Store(#[from] StoreError),
    /// It cannot be written or read.
    #[error("the letter cannot be read")]
    Frame(#[from] FrameError),
}

/// The key of a place of a run. What authors wrote never becomes a part of a subject.
#[must_use]
pub fn key(place: &str) -> LetterKey {
    LetterKey::of_place(&Sha256::digest(place.as_bytes()).into())
}

/// The letters of the platform. Cheap to clone.
#[derive(Clone)]
pub struct Letters {
    bus: Bus,
    patience: Duration,
}

impl Letters {
    /// Each question takes as long as `patience` at most.
    #[must_use]
    pub fn new(bus: Bus, patience: Duration) -> Self {
        Self { bus, patience }
    }

    /// Stores a letter where there is none yet; whether there was none.
    ///
    /// # Errors
    /// [`LetterError`]; after one of [`StoreError::Timeout`] and [`StoreError::Cut`] it may be stored all the same.
    pub async fn put(
        &self,
        run: RunId,
        key: &LetterKey,
        letter: &Letter,
        body: &[u8],
    ) -> Result<bool, LetterError> {
        let payload = frame::encode(Kind::Letter, letter, body)?;
        let subject = subjects::letter(run, key);
        let stored = self
            .bus
            .change_after(subject, HeaderMap::new(), 0, payload, self.patience);
        match stored.await {
            Ok(_) => Ok(true),
            Err(StoreError::Overtaken) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The letter of a run with this key, where there is one.
    ///
    /// # Errors
    /// [`LetterError`].
    pub async fn get(
        &self,
        run: RunId,
        key: &LetterKey,
    ) -> Result<Option<(Letter, Bytes)>, LetterError> {
        let reading = async {
            let subject = subjects::letter(run, key);
            let stream = self.stream().await?;
            let found = last_on(&stream, &subject).await;
            let Some(message) = found.map_err(|error| failed(&error))? else {
                return Ok(None);
            };
            let frame = frame::decode(message.payload)?;
            Ok(Some((frame.head()?, frame.body)))
        };
        self.in_time(reading).await
    }

    /// Puts a mark in the place of a letter whose run has noted what it says: the place stays taken, and its bytes are free.
    ///
    /// # Errors
    /// [`LetterError`].
    pub async fn spend(&self, run: RunId, key: &LetterKey) -> Result<(), LetterError> {
        let subject = subjects::letter(run, key);
        let finding = async {
            let stream = self.stream().await?;
            let found = last_on(&stream, &subject).await;
            let found = found.map_err(|error| failed(&error))?;
            Ok(found.map(|message| message.sequence))
        };
        // One that was cleared away meanwhile is gone for good.
        let Some(last) = self.in_time(finding).await? else {
            return Ok(());
        };
        let mark = frame::encode(Kind::Letter, &Letter::Used, &[])?;
        let stored = self.bus.store_after(subject, last, mark, self.patience);
        match stored.await {
            Ok(_) | Err(StoreError::Overtaken) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Clears away all letters of a run.
    ///
    /// # Errors
    /// [`LetterError`].
    pub async fn clear(&self, run: RunId) -> Result<(), LetterError> {
        let clearing = async {
            let stream = self.stream().await?;
            let purge = stream.purge().filter(subjects::letters(run));
            purge.await.map(drop).map_err(|error| failed(&error))
        };
        self.in_time(clearing).await
    }

    /// Begins to listen: [`Watch::next`] tells of every letter that is there on `subjects`, and then of each new one.
    ///
    /// # Errors
    /// [`LetterError`].
    pub async fn watch(&self, heard: Heard) -> Result<Watch, LetterError> {
        let beginning = async {
            let config = OrderedConfig {
                deliver_policy: match heard {
                    Heard::New => DeliverPolicy::New,
                    Heard::All | Heard::Cancels => DeliverPolicy::All,
                },
                filter_subject: match heard {
                    Heard::Cancels => subjects::CANCEL_LETTERS.to_owned(),
                    Heard::New | Heard::All => subjects::LETTERS_SUBJECTS.to_owned(),
                },
                headers_only: true,
                ..Default::default()
            };
            let stream = self.stream().await?;
            let consumer: Consumer<OrderedConfig> = stream
                .create_consumer(config)
                .await
                .map_err(|error| failed(&error))?;
            let there = consumer.cached_info().num_pending;
            let messages = consumer.messages().await.map_err(|error| failed(&error))?;
            Ok(Watch { messages, there })
        };
        self.in_time(beginning).await
    }

    /// The letters that are there, save for those that stop runs, by the run; each run with when the last of them came, in
    /// seconds since the Unix epoch.
    ///
    /// # Errors
    /// [`LetterError`].
    pub async fn runs(&self) -> Result<HashMap<RunId, i64>, LetterError> {
        let mut watch = self.watch(Heard::All).await?;
        let mut runs = HashMap::new();
        while let Some((run, key, at_s)) = watch.next_there().await? {
            if !key.is_cancel() {
                runs.insert(run, at_s);
            }
        }
        Ok(runs)
    }

    async fn stream(&self) -> Result<Stream<()>, LetterError> {
        let context = self.bus.jetstream();
        let stream = context.get_stream_no_info(subjects::LETTERS_STREAM).await;
        stream.map_err(|error| failed(&error))
    }

    async fn in_time<T>(
        &self,
        question: impl Future<Output = Result<T, LetterError>>,
    ) -> Result<T, LetterError> {
        in_time(self.patience, Box::pin(question), LetterError::Stream).await
    }
}

/// Which letters one hears of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Those that come from now on.
    New,
    /// Those that are there, and those that come.
    All,
    /// The same of those that stop runs.
    Cancels,
}

/// Letters as they come, without what they say. The server forgets the reader once this is dropped.
pub struct Watch {
    messages: Ordered,
    there: u64,
}

impl Watch {
    /// The next of the letters that were there when the watch began; none when all have come. Letters are cleared away all
    /// the time, and such a one does not come any more: so a silence ends them, too, and what comes after it is as new.
    ///
    /// # Errors
    /// [`LetterError`] where the stream cannot be read.
    pub async fn next_there(&mut self) -> Result<Option<(RunId, LetterKey, i64)>, LetterError> {
        if self.there == 0 {
            return Ok(None);
        }
        match timeout(SILENCE, self.next()).await {
            Ok(Some(heard)) => heard.map(Some),
            Ok(None) => Err(LetterError::Stream("they ended early".to_owned())),
            Err(_) => {
                self.there = 0;
                Ok(None)
            }
        }
    }

    /// The run and the key of the next letter, and when it came, in seconds since the Unix epoch. None when the watch is to
    /// be begun anew.
    ///
    /// # Errors
    /// [`LetterError`] where the stream cannot be read.
    pub async fn next(&mut self) -> Option<Result<(RunId, LetterKey, i64), LetterError>> {
        loop {
            let message = match self.messages.next().await? {
                Ok(message) => message,
                Err(error) => return Some(Err(failed(&error))),
            };
            let at_s = match message.info() {
                Ok(info) => {
                    self.there = self.there.saturating_sub(1).min(info.pending);
                    info.published.unix_timestamp()
                }
                Err(error) => return Some(Err(failed(&error))),
            };
            match place_of(&message.subject) {
                Some((run, key)) => return Some(Ok((run, key, at_s))),
                None => tracing::error!("a letter's subject is none of a run"),
            }
        }
    }
}

fn place_of(subject: &str) -> Option<(RunId, LetterKey)> {
    let mut tokens = subject.rsplit('.');
    let key = LetterKey::parse(tokens.next()?)?;
    let run = tokens.next()?.parse().ok()?;
    Some((run, key))
}

fn failed(error: &dyn std::fmt::Display) -> LetterError {
    LetterError::Stream(error.to_string())
}
