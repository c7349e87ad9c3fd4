//! The journal of one asynchronous run.

use std::time::Duration;

use bus::journal::{self, JournalError, Stored};
use bus::{Answer, StoreError};
use bytes::Bytes;
use jiff::Timestamp;
use shared::frame::{self, FrameError, Kind};
use shared::ids::InstanceId;
use shared::v1::control::Control;
use shared::v1::journal::{Entry, Fact};
use shared::v1::reply::Outcome;
use tokio::time::{Instant, sleep};
use workflow::machine::{Ledger, LedgerError, Past, Plan};

use crate::fence::Fence;

/// How long one try to write or read may take.
const TRY: Duration = Duration::from_secs(5);

/// For how long it is tried again while NATS is away. The job is another runner's by then.
const PATIENCE: Duration = Duration::from_secs(60);

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// The pause before what was refused is tried again.
const LONG_PAUSE: Duration = Duration::from_secs(2);

/// Why a run cannot go on here. Whoever has the job next goes on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Lost {
    /// Another attempt took the run over.
    #[error("another attempt took the run over")]
    Outdated,
    /// The journal cannot be written.
    #[error("the journal cannot be written")]
    Unwritable(#[source] StoreError),
    /// A reply or a frame cannot be kept.
    #[error("what the run said cannot be kept")]
    Unkept,
    /// An entry cannot be put into bytes.
    #[error("an entry of the journal cannot be written")]
    Encode(#[from] FrameError),
}

/// Why a journal cannot be taken up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// It cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A frame in it cannot be read.
    #[error("an entry of the journal cannot be read")]
    Frame(#[from] FrameError),
    /// It is not the journal of a run of this version.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The journal of a run, as its owner writes it.
pub(crate) struct Journal {
    fence: Fence,
    /// Who wrote the last entry.
    owner: Option<InstanceId>,
    ledger: Ledger,
}

impl Journal {
    /// The journal of a run that was never handed out before.
    pub(crate) fn new(fence: Fence) -> Self {
        Self {
            fence,
            owner: None,
            ledger: Ledger::default(),
        }
    }

    /// Reads the journal of a run that was.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) async fn read(fence: Fence, plan: &Plan) -> Result<(Self, Past), ReadError> {
        let now = Instant::now();
        let stored = journal::read(&fence.bus, fence.run_id, TRY).await?;
        fence.wrote(stored.last().map_or(0, |entry| entry.sequence), now);
        let entries = stored
            .into_iter()
            .map(open)
            .collect::<Result<Vec<_>, _>>()?;
        let owner = entries.last().map(|(entry, _)| entry.by);
        let (ledger, past) = Ledger::read(plan, entries)?;
        let journal = Self {
            fence,
            owner,
            ledger,
        };
        Ok((journal, past))
    }

    /// What stands in it.
    pub(crate) const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What tells whether the run is still this runner's.
    pub(crate) fn fence(&self) -> Fence {
        self.fence.clone()
    }

    /// Whether the runner that wrote last is there and still has the run: the queue lost its signs of life, for instance
    /// with the process of nats-server.
    pub(crate) async fn is_in_good_hands(&self) -> bool {
        let Some(owner) = self
            .owner
            .filter(|owner| *owner != self.fence.bus.instance())
        else {
            return false;
        };
        let run_id = self.fence.run_id;
        let question = Control::Holds { run_id };
        self.fence.bus.ask_instance(owner, &question).await == Answer::Here(Some(true))
    }

    /// Writes down what happened, at the run's time `at`, after so many steps. Nothing that follows from it may be done
    /// before.
    ///
    /// # Errors
    /// [`Lost`]: the run is no longer this runner's.
    pub(crate) async fn write(
        &mut self,
        fact: Fact,
        body: &[u8],
        at: Timestamp,
        steps: u64,
    ) -> Result<(), Lost> {
        self.put((fact, None), body, at, steps).await
    }

    /// Writes down that the run has ended, and how.
    ///
    /// # Errors
    /// [`Lost`]: the run is no longer this runner's.
    pub(crate) async fn end(
        &mut self,
        outcome: Outcome,
        at: Timestamp,
        steps: u64,
    ) -> Result<(), Lost> {
        self.put((Fact::Ended, Some(outcome)), &[], at, steps).await
    }

    async fn put(
        &mut self,
        (fact, ended): (Fact, Option<Outcome>),
        body: &[u8],
        at: Timestamp,
        steps: u64,
    ) -> Result<(), Lost> {
        if self.fence.is_lost() {
            return Err(Lost::Outdated);
        }
        let entry = self
            .ledger
            .entry(fact, at, steps, self.fence.bus.instance());
        let payload = frame::encode(Kind::Entry, &entry, body)?;
        if ops::planted("no-journal") {
            self.ledger.wrote(&entry);
            return Ok(());
        }
        let (sequence, since) = self.store(&entry, payload, ended).await?;
        self.fence.wrote(sequence, since);
        self.ledger.wrote(&entry);
        Ok(())
    }

    /// The stream's number of a stored entry, and when it was not stored yet.
    async fn store(
        &self,
        entry: &Entry,
        payload: Bytes,
        ended: Option<Outcome>,
    ) -> Result<(u64, Instant), Lost> {
        let since = Instant::now();
        let ends_at = Instant::now() + PATIENCE;
        let mut unsure = false;
        loop {
            let (run_id, payload) = (self.fence.run_id, payload.clone());
            let stored = journal::write(
                &self.fence.bus,
                run_id,
                self.fence.last(),
                payload,
                ended,
                TRY,
            );
            let error = match stored.await {
                Ok(sequence) => return Ok((sequence, since)),
                Err(StoreError::Overtaken) if !unsure => return Err(Lost::Outdated),
                // An earlier try may have been stored, and its acknowledgement lost.
                Err(StoreError::Overtaken) => match self.find(entry).await {
                    Ok(Some(sequence)) => return Ok((sequence, since)),
                    Ok(None) => return Err(Lost::Outdated),
                    Err(_) => StoreError::Overtaken,
                },
                Err(error) => error,
            };
            unsure |= matches!(error, StoreError::Timeout | StoreError::Cut);
            if Instant::now() >= ends_at {
                return Err(Lost::Unwritable(error));
            }
            tracing::warn!(%error, "the journal is written again");
            // What is refused once is refused for a while: the stream is full.
            let refused = matches!(error, StoreError::Refused(_));
            sleep(if refused { LONG_PAUSE } else { PAUSE }).await;
        }
    }

    /// The stream's number of this entry, where it is the last one.
    async fn find(&self, entry: &Entry) -> Result<Option<u64>, ReadError> {
        let last = journal::last(&self.fence.bus, self.fence.run_id, TRY).await?;
        let Some(last) = last else {
            return Ok(None);
        };
        let sequence = last.sequence;
        Ok((open(last)?.0 == *entry).then_some(sequence))
    }
}

fn open(stored: Stored) -> Result<(Entry, Bytes), FrameError> {
    let frame = frame::decode(stored.payload)?;
    Ok((frame.head()?, frame.body))
}
