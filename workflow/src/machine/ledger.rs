//! What of a run stands in its journal, and what is still to be written.

use bytes::Bytes;
use jiff::Timestamp;
use shared::ids::InstanceId;
use shared::v1::journal::{Entry, Fact};
use thiserror::Error;

use super::effect::{Effect, Event, HttpResponse};
use super::plan::Plan;
use super::spot::Spot;

/// Why a journal cannot be taken up.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LedgerError {
    /// An entry is missing.
    #[error("entry {expected} of the journal is missing; the next one is {found}")]
    Gap {
        /// Its place.
        expected: u32,
        /// The place of the entry that stands there.
        found: u32,
    },
    /// It tells of a step that the workflow's version does not have.
    #[error("the journal tells of a step `{0}` that the version does not have")]
    UnknownStep(String),
    /// Its time is none.
    #[error("the time of an entry of the journal cannot be read")]
    Time,
}

/// Numbers the entries of one run, and knows whether the run has begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    next: u32,
    begun: bool,
}

/// What a journal tells of a run.
#[derive(Debug, Default, PartialEq)]
pub struct Past {
    /// When the run was started; none where it did nothing yet that can be seen outside.
    pub started: Option<Timestamp>,
    /// What it was told then.
    pub told: Vec<Told>,
    /// How many attempts in a row took it over and came no step further.
    pub fruitless: u32,
    /// Which time it last began again since a person wanted that; 0 where nobody did.
    pub restarted: u64,
    /// Whether it has ended.
    pub ended: bool,
}

/// An event of the past.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The event.
    pub event: Event,
    /// When it came.
    pub at: Timestamp,
    /// How many steps the run had begun by then.
    pub steps: u64,
}

impl Ledger {
    /// Reads the entries of a run, each with its body.
    ///
    /// # Errors
    /// [`LedgerError`] where they are not the whole journal of a run of this plan.
    pub fn read(
        plan: &Plan,
        entries: impl IntoIterator<Item = (Entry, Bytes)>,
    ) -> Result<(Self, Past), LedgerError> {
        let mut ledger = Self::default();
        let mut past = Past::default();
        for (entry, body) in entries {
            // Of a journal that was cleared away the end alone is left.
            past.ended |= entry.fact == Fact::Ended;
            if entry.seq != ledger.next && !past.ended {
                let (expected, found) = (ledger.next, entry.seq);
                return Err(LedgerError::Gap { expected, found });
            }
            ledger.next = entry.seq.saturating_add(1);
            if let Fact::Restarted { of } = entry.fact {
                ledger.begun = false;
                past = Past {
                    restarted: of,
                    ..Past::default()
                };
            }
            let at = Timestamp::from_millisecond(entry.at_ms).map_err(|_| LedgerError::Time)?;
            past.fruitless = match entry.fact {
                Fact::Taken { .. } => past.fruitless.saturating_add(1),
                _ => 0,
            };
            if entry.fact == Fact::Begun {
                ledger.begun = true;
                past.started = Some(at);
            }
            let steps = entry.steps;
            let event = event(plan, entry.fact, &body)?;
            past.told
                .extend(event.map(|event| Told { event, at, steps }));
        }
        Ok((ledger, past))
    }

    /// Whether [`Fact::Begun`] is to be written before this effect is performed: it can be seen outside, or is a time that
    /// counts from the run's start, and a run that starts again must come to the same one.
    #[must_use]
    pub const fn must_begin(&self, effect: &Effect) -> bool {
        let seen = matches!(
            effect,
            Effect::Http { .. }
                | Effect::Ask { .. }
                | Effect::Wake { .. }
                | Effect::Await { .. }
                | Effect::Reply(_)
                | Effect::Frame(_)
        );
        seen && !self.begun
    }

    /// Whether nothing was written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.next == 0
    }

    /// Whether the run did something that can be seen outside.
    #[must_use]
    pub const fn begun(&self) -> bool {
        self.begun
    }

    /// The next entry. It counts once [`Ledger::wrote`] is told of it.
    #[must_use]
    pub fn entry(&self, fact: Fact, at: Timestamp, steps: u64, by: InstanceId) -> Entry {
        Entry {
            seq: self.next,
            at_ms: at.as_millisecond(),
            steps,
            by,
            fact,
        }
    }

    /// The entry is stored.
    pub fn wrote(&mut self, entry: &Entry) {
        self.next = entry.seq.saturating_add(1);
        self.begun |= entry.fact == Fact::Begun;
        self.begun &= !matches!(entry.fact, Fact::Restarted { .. });
    }
}

/// An event as it is written, with the body.
#[must_use]
pub fn fact(plan: &Plan, event: &Event) -> (Fact, Bytes) {
    match event {
        Event::Cancel => (Fact::Cancelled, Bytes::new()),
        Event::Answer { step, answer } => {
            let step = plan.name(*step);
            let (body, error) = match answer {
                Ok(value) => (value.to_string().into_bytes(), None),
                Err(error) => (Vec::new(), Some(error.clone())),
            };
            (Fact::Returned { step, error }, body.into())
        }
        Event::Due { step } => {
            let step = plan.name(*step);
            (Fact::Due { step }, Bytes::new())
        }
        Event::HttpDone { step, result } => {
            let step = plan.name(*step);
            match result {
                Ok(response) => {
                    let (status, headers) = (response.status, response.headers.clone());
                    let fact = Fact::Answered {
                        step,
                        status,
                        headers,
                    };
                    (fact, Bytes::copy_from_slice(&response.body))
                }
                Err(error) => {
                    let error = error.clone();
                    (Fact::Unanswered { step, error }, Bytes::new())
                }
            }
        }
    }
}

fn spot(plan: &Plan, step: String) -> Result<Spot, LedgerError> {
    plan.spot(&step).ok_or(LedgerError::UnknownStep(step))
}

/// The event of an entry; none where it tells of none.
fn event(plan: &Plan, fact: Fact, body: &[u8]) -> Result<Option<Event>, LedgerError> {
    let (step, result) = match fact {
        Fact::Begun | Fact::Taken { .. } | Fact::Parked | Fact::Restarted { .. } | Fact::Ended => {
            return Ok(None);
        }
        Fact::Cancelled => return Ok(Some(Event::Cancel)),
        Fact::Returned { step, error } => {
            let step = spot(plan, step)?;
            let answer = match error {
                Some(error) => Err(error),
                None => Ok(serde_json::from_slice(body).unwrap_or_default()),
            };
            return Ok(Some(Event::Answer { step, answer }));
        }
        Fact::Due { step } => {
            let step = spot(plan, step)?;
            return Ok(Some(Event::Due { step }));
        }
        Fact::Answered {
            step,
            status,
            headers,
        } => {
            let body = body.to_vec();
            let response = HttpResponse {
                status,
                headers,
                body,
            };
            (step, Ok(response))
        }
        Fact::Unanswered { step, error } => (step, Err(error)),
    };
    let step = spot(plan, step)?;
    Ok(Some(Event::HttpDone { step, result }))
}
