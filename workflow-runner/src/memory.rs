//! Shared memory, which all runs of all workflows read and write.

use std::time::Duration;

use bus::StoreError;
use bus::register::Register;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use shared::frame;
use shared::limits::MEMORY_KEPT_SECONDS;
use shared::subjects;
use shared::v1::memory::MemoryValue;
use tokio::time::{Instant, sleep};
use workflow::machine::Errand;

/// The pause between two tries while NATS is away.
const PAUSE: Duration = Duration::from_millis(250);

/// How many additions a number remembers. As many runners would have to add between an attempt and its repetition for one
/// to be made twice. A single run has up to 100 under way, in the turns of a `for_each`, and may lose its runner with all of
/// them made and none in its journal.
const REMEMBERED: usize = 256;

/// Shared memory.
#[derive(Clone)]
pub(crate) struct Memory {
    values: Register,
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
enum Fault {
    /// It may have one in a moment.
    #[error("shared memory cannot be reached: {0}")]
    Away(String),
    /// Somebody else wrote in between.
    #[error("shared memory is written by too many at once")]
    Overtaken,
    /// It never has.
    #[error("{0}")]
    Refused(String),
}

/// What is stored under a name, and the bucket's revision of it; 0 where there is nothing.
struct Stored {
    value: Option<MemoryValue>,
    revision: u64,
}

impl Memory {
    pub(crate) fn new(values: Register) -> Self {
        Self { values }
    }

    /// Does what a step or a script asks. For so long as `patience` it is tried again while NATS is away, or others change
    /// the same number.
    ///
    /// # Errors
    /// Why there is no answer, a sentence for people.
    pub(crate) async fn answer(
        &self,
        request: &Errand,
        patience: Duration,
    ) -> Result<Json, String> {
        let ends_at = Instant::now() + patience;
        loop {
            let fault = match self.attempt(request).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            if matches!(fault, Fault::Refused(_)) || Instant::now() >= ends_at {
                return Err(fault.to_string());
            }
            if matches!(fault, Fault::Away(_)) {
                tracing::warn!(error = %fault, "shared memory is asked again");
                sleep(PAUSE).await;
            }
        }
    }

    async fn attempt(&self, request: &Errand) -> Result<Json, Fault> {
        match request {
            Errand::MemoryGet { name } => {
                let stored = self.read(name).await?;
                Ok(stored.json().unwrap_or_default())
            }
            Errand::MemorySet { name, value, keep } => {
                let stored = self.read(name).await?;
                let value = MemoryValue {
                    name: name.clone(),
                    value: value.to_string(),
                    expires_at_ms: until(*keep),
                    added: Vec::new(),
                };
                self.write(&value, stored.revision).await?;
                Ok(Json::Null)
            }
            // Whoever asks knows what memory is for.
            Errand::Push { .. }
            | Errand::Call { .. }
            | Errand::CallbackUrl { .. }
            | Errand::Publish { .. } => {
                Err(Fault::Refused("that is no question to memory".to_owned()))
            }
            Errand::MemoryAdd { name, by, keep, id } => {
                let stored = self.read(name).await?;
                if let Some(after) = stored.added(id)
                    && !ops::planted("counts-twice")
                {
                    return Ok(after.into());
                }
                let value = stored.increased(name, *by, *keep, id)?;
                self.write(&value, stored.revision).await?;
                if ops::planted("counts-twice") {
                    // So long that a short trial hits it.
                    sleep(PAUSE).await;
                }
                Ok(value
                    .added
                    .last()
                    .map_or(Json::Null, |(_, after)| (*after).into()))
            }
        }
    }

    async fn read(&self, name: &str) -> Result<Stored, Fault> {
        let seen = self.values.read(&key(name)).await;
        let seen = seen.map_err(|error| Fault::Away(error.to_string()))?;
        let revision = seen.revision;
        let Some(value) = seen.value else {
            let value = None;
            return Ok(Stored { value, revision });
        };
        let value: MemoryValue = frame::unpack(&value).map_err(|error| {
            tracing::error!(%error, "a value in shared memory cannot be read");
            Fault::Refused(format!("what stands under `{name}` cannot be read"))
        })?;
        let value = Some(value).filter(|value| value.expires_at_ms > ops::clock::now_ms());
        Ok(Stored { value, revision })
    }

    async fn write(&self, value: &MemoryValue, last: u64) -> Result<(), Fault> {
        let payload = frame::pack(value).map_err(|error| Fault::Refused(error.to_string()))?;
        let key = key(&value.name);
        let stored = self.values.write(&key, last, payload);
        stored.await.map(drop).map_err(|error| match error {
            StoreError::Overtaken => Fault::Overtaken,
            StoreError::Refused(why) => Fault::Away(format!("it is full: {why}")),
            other => Fault::Away(other.to_string()),
        })
    }
}

impl Stored {
    fn json(&self) -> Option<Json> {
        let value = self.value.as_ref()?;
        serde_json::from_str(&value.value).ok()
    }

    /// What the number was after the addition with this id.
    fn added(&self, id: &str) -> Option<i64> {
        let mut added = self.value.as_ref()?.added.iter();
        added
            .find(|(known, _)| known == id)
            .map(|(_, after)| *after)
    }

    /// The number after an addition.
    fn increased(
        &self,
        name: &str,
        by: i64,
        keep: Option<Duration>,
        id: &str,
    ) -> Result<MemoryValue, Fault> {
        let number = match self.json() {
            None | Some(Json::Null) => Some(0),
            Some(json) => json.as_i64(),
        };
        let number =
            number.ok_or_else(|| Fault::Refused(format!("`{name}` is no whole number")))?;
        let after = number
            .checked_add(by)
            .ok_or_else(|| Fault::Refused(format!("`{name}` would be too large a number")))?;
        let old = self.value.as_ref();
        let mut added = old.map(|value| value.added.clone()).unwrap_or_default();
        added.push((id.to_owned(), after));
        if added.len() > REMEMBERED {
            added.remove(0);
        }
        Ok(MemoryValue {
            name: name.to_owned(),
            value: after.to_string(),
            expires_at_ms: match (keep, old) {
                (None, Some(old)) => old.expires_at_ms,
                (keep, _) => until(keep),
            },
            added,
        })
    }
}

/// When a value that is written now is gone.
fn until(keep: Option<Duration>) -> i64 {
    let longest = Duration::from_secs(MEMORY_KEPT_SECONDS);
    let keep = keep.map_or(longest, |keep| keep.min(longest));
    let keep = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX / 2);
    ops::clock::now_ms().saturating_add(keep)
}

/// Names are text from outside, and become no part of a subject.
fn key(name: &str) -> String {
    subjects::memory_key(&Sha256::digest(name.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: &str, added: &[(&str, i64)]) -> Stored {
        let added = added.iter();
        let value = MemoryValue {
            name: "n".to_owned(),
            value: value.to_owned(),
            expires_at_ms: 5,
            added: added
                .map(|(id, after)| ((*id).to_owned(), *after))
                .collect(),
        };
        Stored {
            value: Some(value),
            revision: 1,
        }
    }

    #[test]
    fn an_addition_is_remembered_by_its_id_and_keeps_the_end_of_the_number() {
        let stored = number("7", &[("a", 7)]);
        assert_eq!((stored.added("a"), stored.added("b")), (Some(7), None));
        let after = stored.increased("n", 3, None, "b").unwrap();
        assert_eq!((after.value.as_str(), after.expires_at_ms), ("10", 5));
        assert_eq!(after.added, [("a".to_owned(), 7), ("b".to_owned(), 10)]);
        let kept = stored.increased("n", 3, Some(Duration::from_secs(60)), "b");
        assert!(kept.unwrap().expires_at_ms > 5);
    }

    #[test]
    fn only_so_many_additions_are_remembered() {
        let mut stored = number("0", &[]);
        for n in 0..300 {
            stored.value = Some(stored.increased("n", 1, None, &n.to_string()).unwrap());
        }
        let added = stored.value.unwrap().added;
        assert_eq!((added.len(), added[0].1), (REMEMBERED, 45));
    }

    #[test]
    fn as_many_additions_are_remembered_as_the_turns_of_one_run_may_have_under_way() {
        let mut stored = number("0", &[]);
        for n in 0..200 {
            stored.value = Some(stored.increased("n", 1, None, &n.to_string()).unwrap());
        }
        // Made again after the runner died.
        for n in 0..200 {
            assert_eq!(stored.added(&n.to_string()), Some(n + 1));
        }
    }

    #[test]
    fn what_is_no_whole_number_is_not_added_to() {
        for value in ["\"7\"", "1.5", "[]", "true"] {
            assert!(
                number(value, &[]).increased("n", 1, None, "a").is_err(),
                "{value}"
            );
        }
        assert!(
            number(&i64::MAX.to_string(), &[])
                .increased("n", 1, None, "a")
                .is_err()
        );
        assert_eq!(
            number("null", &[])
                .increased("n", 2, None, "a")
                .unwrap()
                .value,
            "2"
        );
    }
}
