//! Telling the run that called this one how it ended.

use std::time::Duration;

use bus::letters::{Letters, key};
use shared::ids::RunId;
use shared::limits::LETTER_BODY;
use shared::v1::letters::{Called, Caller, Letter};
use shared::v1::reply::Outcome;
use tokio::time::{Instant, sleep};
use workflow::reply::Reply;

use super::Driver;
use crate::journal::Lost;

/// For how long it is tried again while NATS is away.
const PATIENCE: Duration = Duration::from_secs(60);

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(250);

/// How a run ended, for the one that called it.
pub(crate) struct Ending<'a> {
    /// None where nobody could carry it out.
    pub(crate) outcome: Option<Outcome>,
    /// Why it did not end well.
    pub(crate) error: Option<String>,
    /// What it replied.
    pub(crate) reply: Option<&'a Reply>,
}

impl Driver<'_> {
    /// Keeps what the run replies, where another one waits for that.
    pub(super) fn keep_reply(&mut self, reply: &Reply) {
        if self.request.caller.is_some() {
            self.reply = Some(reply.clone());
        }
    }

    /// Tells the run that called this one how it ended. That comes before this one's own end is written: a run that has
    /// ended has told.
    pub(super) async fn tell_caller(&mut self, outcome: Outcome) -> Result<(), Lost> {
        let Some(caller) = &self.request.caller else {
            return Ok(());
        };
        let ending = Ending {
            outcome: Some(outcome),
            error: self.failure.clone(),
            reply: self.reply.as_ref(),
        };
        let run_id = self.request.run_id;
        if tell(&self.runner.letters, run_id, caller, ending).await {
            Ok(())
        } else {
            Err(Lost::Unkept)
        }
    }
}

/// Writes the letter; whether it is there.
pub(crate) async fn tell(
    letters: &Letters,
    run_id: RunId,
    caller: &Caller,
    ending: Ending<'_>,
) -> bool {
    let (called, body) = called(run_id, ending);
    let letter = Letter::Called(called);
    let key = key(&caller.place);
    let ends_at = Instant::now() + PATIENCE;
    loop {
        let stored = letters.put(caller.run_id, &key, &letter, body);
        match stored.await {
            // Where there was one, the other run waits no more, or an earlier attempt told it.
            Ok(_) => return true,
            Err(error) if Instant::now() >= ends_at => {
                tracing::error!(%error, "the run that waits for this one cannot be told");
                return false;
            }
            Err(error) => tracing::warn!(%error, "the run that waits for this one is told again"),
        }
        sleep(PAUSE).await;
    }
}

fn called(run_id: RunId, ending: Ending<'_>) -> (Called, &[u8]) {
    let mut called = Called {
        run_id,
        outcome: ending.outcome,
        error: ending.error,
        status: None,
        content_type: None,
    };
    let Some(reply) = ending.reply else {
        return (called, &[]);
    };
    let bytes = reply.body.len();
    if bytes > LETTER_BODY {
        called.outcome = Some(Outcome::Failed);
        called.error = Some(format!(
            "its reply has {bytes} bytes; {LETTER_BODY} can be handed back"
        ));
        return (called, &[]);
    }
    called.status = Some(reply.status);
    let mut headers = reply.headers.iter();
    let found = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    called.content_type = found.map(|(_, value)| value.clone());
    (called, &reply.body)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn reply(bytes: usize) -> Reply {
        Reply {
            status: 201,
            headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
            body: vec![b'a'; bytes],
        }
    }

    fn told(reply: Option<&Reply>) -> (Called, usize) {
        let ending = Ending {
            outcome: Some(Outcome::Succeeded),
            error: None,
            reply,
        };
        let (called, body) = called(RunId(Uuid::from_u128(1)), ending);
        (called, body.len())
    }

    #[test]
    fn a_reply_is_handed_back_with_its_status_and_type_and_one_that_is_too_large_is_a_failure() {
        let (called, bytes) = told(Some(&reply(3)));
        assert_eq!((called.status, bytes), (Some(201), 3));
        assert_eq!(called.content_type.as_deref(), Some("text/plain"));
        let (called, bytes) = told(None);
        assert_eq!((called.status, bytes), (None, 0));
        let (called, bytes) = told(Some(&reply(LETTER_BODY + 1)));
        assert_eq!((called.outcome, bytes), (Some(Outcome::Failed), 0));
    }
}
