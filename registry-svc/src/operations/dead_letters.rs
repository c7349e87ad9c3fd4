//! Dead letters: listed, read, sent again, thrown away.

use std::time::Duration;

use bus::dead_letters::{DeadLetters, Stored};
use bus::letters::Letters;
use bus::{Bus, journal};
use shared::codes::Code;
use shared::frame::{self, Kind};
use shared::ids::RunId;
use shared::v1::dead_letters::{
    DeadLetter, DropDeadLetter, GetDeadLetter, ListDeadLetters, OpenedDeadLetter, RetryDeadLetter,
};
use shared::v1::registry::Page;
use shared::v1::reply::Failure;
use shared::v1::run::RunRequest;

use super::{page, refusal};

/// How long one question about letters may take.
const TRY: Duration = Duration::from_secs(2);

/// How much of a body is shown, in bytes.
const SHOWN: usize = 64 * 1024;

/// A page of dead letters, oldest first.
///
/// # Errors
/// `invalid_request` (a limit out of bounds, a cursor that is none), `bus_unavailable`.
pub async fn list_dead_letters(
    letters: &DeadLetters,
    message: ListDeadLetters,
) -> Result<Page<DeadLetter>, Failure> {
    let limit = page::limit(message.limit)? as usize;
    let after = match &message.cursor {
        None => 0,
        Some(cursor) => cursor.parse().map_err(|_| {
            refusal::invalid("the cursor is none that a listing gave; begin again without a cursor")
        })?,
    };
    let wanted = |letter: &DeadLetter| {
        let of = message.workflow_id;
        of.is_none_or(|workflow| letter.workflow_id == workflow)
    };
    let found = letters.list(after, limit + 1, wanted).await;
    let mut found = found.map_err(|error| away(&error))?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next_cursor = last.map(|(sequence, _)| sequence.to_string());
    let items = found.into_iter().map(|(_, letter)| letter).collect();
    Ok(Page { items, next_cursor })
}

/// One dead letter, with what the caller sent.
///
/// # Errors
/// `bus_unavailable`.
pub async fn get_dead_letter(
    letters: &DeadLetters,
    message: GetDeadLetter,
) -> Result<Option<OpenedDeadLetter>, Failure> {
    let Some(stored) = find(letters, message.run_id).await? else {
        return Ok(None);
    };
    let opened = frame::decode(stored.job).and_then(|frame| {
        let request: RunRequest = frame.head()?;
        let body = frame.body;
        Ok(OpenedDeadLetter {
            letter: stored.letter,
            request: request.request,
            body: body
                .get(..SHOWN.min(body.len()))
                .unwrap_or_default()
                .to_vec(),
            body_bytes: body.len() as u64,
        })
    });
    opened.map(Some).map_err(|error| unreadable(&error))
}

/// Puts a run back into the work queue: it goes on where it was, or begins again. Whether it was a dead letter.
///
/// # Errors
/// `bus_unavailable`; it stays a dead letter then.
pub async fn retry_dead_letter(
    letters: &DeadLetters,
    message: RetryDeadLetter,
) -> Result<bool, Failure> {
    let Some(mut stored) = find(letters, message.run_id).await? else {
        return Ok(false);
    };
    if message.from_start {
        let job = begun_anew(stored.job, stored.sequence);
        stored.job = job.map_err(|error| unreadable(&error))?;
    }
    let sent = letters.send_again(stored).await;
    sent.map_err(|error| away(&error))?;
    tracing::info!(run_id = %message.run_id, "a dead letter was sent again");
    Ok(true)
}

/// Throws a run away. Whether it was a dead letter.
///
/// # Errors
/// `bus_unavailable`.
pub async fn drop_dead_letter(
    bus: &Bus,
    letters: &DeadLetters,
    message: DropDeadLetter,
) -> Result<bool, Failure> {
    let Some(stored) = find(letters, message.run_id).await? else {
        return Ok(false);
    };
    let removed = letters.remove(stored.sequence).await;
    removed.map_err(|error| away(&error))?;
    if let Err(error) = journal::clear(bus, message.run_id).await {
        tracing::debug!(%error, "a journal is left to the stream's limit of age");
    }
    if let Err(error) = Letters::new(bus.clone(), TRY).clear(message.run_id).await {
        tracing::debug!(%error, "letters are left to the sweep");
    }
    tracing::info!(run_id = %message.run_id, "a dead letter was thrown away");
    Ok(true)
}

async fn find(letters: &DeadLetters, run: RunId) -> Result<Option<Stored>, Failure> {
    letters.get(run).await.map_err(|error| away(&error))
}

/// A job that has its run begin anew; `time` says which time that is.
fn begun_anew(job: bytes::Bytes, time: u64) -> Result<bytes::Bytes, frame::FrameError> {
    let frame = frame::decode(job)?;
    let request = RunRequest {
        resumed: false,
        pardoned: 0,
        restart: time,
        ..frame.head()?
    };
    frame::encode(Kind::Request, &request, &frame.body)
}

fn away(error: &dyn std::fmt::Display) -> Failure {
    tracing::warn!(%error, "dead letters cannot be used");
    let detail = "the dead letters cannot be reached; try again in a moment";
    Failure::new(Code::BusUnavailable, detail)
}

fn unreadable(error: &frame::FrameError) -> Failure {
    tracing::error!(%error, "a dead letter cannot be read");
    refusal::internal()
}
