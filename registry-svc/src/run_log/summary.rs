//! What lists show of a record, and what a search finds it by.

use shared::frame::{self, FrameError};
use shared::v1::run_log::{Payload, RunRecord, RunSummary, words};

use crate::store::NewRun;

/// How many letters of each text a search looks through.
const EXCERPT: usize = 240;

/// How many words a record is found by.
const MOST_WORDS: usize = 96;

/// How much of the error a list shows, in letters.
const LONGEST_ERROR: usize = 500;

/// A record as it is stored.
///
/// # Errors
/// Where the record cannot be packed.
pub(crate) fn stored(record: &RunRecord) -> Result<NewRun, FrameError> {
    let told = record.reply.as_ref().and_then(|reply| reply.reply.as_ref());
    let error = record.error.as_deref().map(|error| {
        let error: String = error.chars().take(LONGEST_ERROR).collect();
        // PostgreSQL has no text with a NUL in it.
        error.replace('\0', "\u{fffd}")
    });
    Ok(NewRun {
        summary: RunSummary {
            run_id: record.run_id,
            workflow_id: record.workflow_id,
            workflow: None,
            endpoint_id: record.endpoint_id,
            version: record.version,
            mode: record.mode,
            state: record.state,
            trace_id: record.trace_id.replace('\0', ""),
            request_id: record.request_id,
            attempt: record.attempt,
            received_at_ms: record.received_at_ms,
            started_at_ms: record.started_at_ms,
            ended_at_ms: record.ended_at_ms,
            method: record.request.method.replace('\0', ""),
            status: told.and_then(|told| told.status),
            steps: u32::try_from(record.steps.len()).unwrap_or(u32::MAX),
            error,
            replay_of: record.replay_of,
            trigger: record.trigger,
            against: record.against,
        },
        words: found_by(record),
        record: frame::pack(record)?.to_vec(),
    })
}

/// The words of a record: its ids, its error, its steps and their errors, and the beginnings of request and reply.
fn found_by(record: &RunRecord) -> String {
    let told = record.reply.as_ref().and_then(|reply| reply.reply.as_ref());
    let mut all = String::new();
    let mut add = |text: &str| {
        let end = text.char_indices().nth(EXCERPT).map(|(at, _)| at);
        all.push_str(end.and_then(|end| text.get(..end)).unwrap_or(text));
        all.push(' ');
    };
    add(&record.trace_id);
    add(&record.request_id.to_string());
    add(record.error.as_deref().unwrap_or_default());
    for step in record.steps.iter().take(MOST_WORDS) {
        add(&step.id);
        add(step.error.as_deref().unwrap_or_default());
    }
    add(&record.request.query);
    add(&excerpt(&record.request.body));
    if let Some(body) = told.and_then(|told| told.body.as_ref()) {
        add(&excerpt(body));
    }
    let mut words = words(&all);
    words.truncate(MOST_WORDS);
    words.join(" ")
}

/// The beginning of a body, where it is text.
fn excerpt(body: &Payload) -> String {
    let start = body.bytes.get(..4 * EXCERPT).unwrap_or(&body.bytes);
    match std::str::from_utf8(start) {
        Ok(text) => text.to_owned(),
        Err(error) => {
            let valid = start.get(..error.valid_up_to()).unwrap_or_default();
            String::from_utf8_lossy(valid).into_owned()
        }
    }
}
