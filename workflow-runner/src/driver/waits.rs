//! Steps that wait for letters.

use std::collections::BTreeMap;
use std::time::Duration;

use bus::letters::{LetterError, key};
use jiff::Timestamp;
use shared::v1::letters::{Letter, LetterKey};
use tokio::time::Instant;
use workflow::machine::{Event, Spot, letter_answer};

use super::Driver;

/// How often letters are looked for that nobody told of.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The pause after they could not be looked for, or a wait could not be ended.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a run stays where it is whose letter may come within a moment.
const LINGER: Duration = Duration::from_millis(250);

/// The letters that a run waits for.
#[derive(Default)]
pub(super) struct Waits {
    open: BTreeMap<Spot, Wait>,
    /// When letters are looked for again.
    look_at: Option<Instant>,
    /// Until when the run stays where it is.
    linger: Option<Instant>,
    /// Letters that were found, by who waited for them.
    found: BTreeMap<Spot, LetterKey>,
    /// Before when nothing is tried again that just failed.
    rest_until: Option<Instant>,
}

struct Wait {
    key: LetterKey,
    until: Timestamp,
    /// Whether there was no letter when the wait had begun.
    looked: bool,
}

impl Waits {
    /// Until when the run waits for the first of its letters, if it waits for any.
    pub(super) fn first(&self) -> Option<Timestamp> {
        self.open.values().map(|wait| wait.until).min()
    }

    /// Whether the run may leave: all letters were looked for, and none may come within a moment.
    pub(super) fn rest(&self) -> bool {
        let lingers = self.linger.is_some_and(|until| Instant::now() < until);
        !lingers && self.open.values().all(|wait| wait.looked)
    }

    /// The keys of the letters.
    pub(super) fn keys(&self) -> Vec<LetterKey> {
        self.open.values().map(|wait| wait.key.clone()).collect()
    }

    /// When something is to be done about them by the clock; none where there is no letter to wait for.
    pub(super) fn due(&self, now: Timestamp) -> Option<Instant> {
        let first = self.first()?;
        let left = Duration::try_from(first.duration_since(now)).unwrap_or_default();
        let now = Instant::now();
        let linger = self.linger.filter(|until| *until > now);
        let moments = [Some(now + left), self.look_at, linger];
        moments.into_iter().flatten().min().max(self.rest_until)
    }

    /// Something failed that is tried again, not at once.
    fn pause(&mut self) {
        self.rest_until = Some(Instant::now() + PAUSE);
    }
}

impl Driver<'_> {
    /// Waits for a letter, and looks whether it is there.
    pub(super) async fn await_letter(
        &mut self,
        step: Spot,
        place: &str,
        until: Timestamp,
        soon: bool,
    ) {
        let wait = Wait {
            key: key(place),
            until,
            looked: false,
        };
        self.waits.open.insert(step, wait);
        if soon {
            self.waits.linger = Some(Instant::now() + LINGER);
        }
        self.look_for(step).await;
        self.waits.look_at = Some(Instant::now() + self.look_again());
    }

    /// Does what is due about letters, and looks for all of them where one may have come.
    pub(super) async fn see_to_letters(&mut self, told: bool) {
        let now = self.runner.now();
        let look = told || self.waits.look_at.is_none_or(|at| at <= Instant::now());
        let steps: Vec<Spot> = self.waits.open.keys().copied().collect();
        for step in steps {
            let until = self.waits.open.get(&step).map(|wait| wait.until);
            if until.is_some_and(|until| until <= now) {
                self.end_wait(step).await;
            } else if look {
                self.look_for(step).await;
            }
        }
        self.waits.look_at = Some(Instant::now() + self.look_again());
    }

    fn look_again(&self) -> Duration {
        let now = self.runner.now();
        let mut open = self.waits.open.values();
        if open.any(|wait| !wait.looked || wait.until <= now) {
            PAUSE
        } else {
            LOOK_EVERY
        }
    }

    async fn look_for(&mut self, step: Spot) {
        let Some(wait) = self.waits.open.get_mut(&step) else {
            return;
        };
        let found = self.runner.letters.get(self.request.run_id, &wait.key);
        match found.await {
            Ok(None) => wait.looked = true,
            Ok(Some((letter, body))) => {
                self.links.over(&wait.key);
                if let Some(wait) = self.waits.open.remove(&step) {
                    self.waits.found.insert(step, wait.key);
                }
                let event = match letter_answer(&letter, &body) {
                    Some(answer) => Event::Answer { step, answer },
                    // An earlier attempt ended the wait and came no further.
                    None => Event::Due { step },
                };
                self.ended.push_back(event);
            }
            Err(error) => {
                wait.looked = false;
                self.waits.pause();
                tracing::warn!(%error, "a run's letter is looked for again");
            }
        }
    }

    /// The time is over: from here on no letter is taken, and one that came before counts. Whoever wrote it was told so.
    async fn end_wait(&mut self, step: Spot) {
        let Some(wait) = self.waits.open.get(&step) else {
            return;
        };
        let key = wait.key.clone();
        match self.close(&key).await {
            Ok(true) => {
                self.links.over(&key);
                self.waits.open.remove(&step);
                self.ended.push_back(Event::Due { step });
            }
            Ok(false) => {
                // Should the letter be gone again, the wait is ended anew.
                self.waits.pause();
                self.look_for(step).await;
            }
            // Nothing is kept of a run without a journal, and its caller waits.
            Err(_) if self.journal.is_none() => {
                self.waits.open.remove(&step);
                self.ended.push_back(Event::Due { step });
            }
            Err(error) => {
                self.waits.pause();
                tracing::warn!(%error, "the end of a wait is written again");
            }
        }
    }

    /// The run has noted what the letter of a step says, if that was one: it takes no more room from here on.
    pub(super) fn spend(&mut self, event: &Event) {
        let found = event.step().and_then(|step| self.waits.found.remove(&step));
        let (Some(key), Event::Answer { .. }) = (found, event) else {
            return;
        };
        let (letters, run_id) = (self.runner.letters.clone(), self.request.run_id);
        tokio::spawn(async move {
            if let Err(error) = letters.spend(run_id, &key).await {
                tracing::debug!(%error, "a used letter keeps its room until the run has ended");
            }
        });
    }

    async fn close(&mut self, key: &LetterKey) -> Result<bool, LetterError> {
        let (letters, run_id) = (&self.runner.letters, self.request.run_id);
        letters.put(run_id, key, &Letter::Closed, &[]).await
    }

    /// Lets nobody write to the run any more, which has ended and has no journal to tell that.
    pub(super) async fn close_all(&mut self) {
        for place in self.links.take_open() {
            if let Err(error) = self.close(&place).await {
                tracing::warn!(%error, "the resume URL of a run that has ended stays open");
            }
        }
    }
}
