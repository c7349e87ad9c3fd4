//! Asking for runs.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use shared::frame;
use shared::ids::{RunId, WorkflowId};
use shared::v1::registry::Page;
use shared::v1::reply::Failure;
use shared::v1::run_log::{GetRun, ListRuns, RunFound, RunSummary, sought};
use uuid::Uuid;

use super::refusal::{check_text, invalid};
use super::{page, refusal};
use crate::store::{RunFilter, Store};

/// Runs, newest first, 1 to 200 at a time. A run that ends meanwhile keeps its place.
///
/// # Errors
/// `invalid_request` (a limit out of bounds, a cursor that is none, a text without a word).
pub async fn list_runs<S: Store>(
    store: &S,
    message: ListRuns,
) -> Result<Page<RunSummary>, Failure> {
    let limit = page::limit(message.limit)?;
    let workflow = match message.workflow {
        None => None,
        Some(wanted) => match workflow(store, &wanted).await? {
            Some(id) => Some(id),
            None => return Ok(nothing()),
        },
    };
    let filter = RunFilter {
        workflow,
        endpoint: message.endpoint,
        state: message.state,
        from_ms: message.from_ms,
        to_ms: message.to_ms,
        words: message
            .text
            .as_deref()
            .map_or(Ok(Vec::new()), sought)
            .map_err(invalid)?,
        replay_of: message.replay_of,
        test: message.test,
        after: message.cursor.as_deref().map(after).transpose()?,
        limit: limit + 1,
    };
    let mut items = store.runs(&filter).await.map_err(refusal::store)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(cursor);
    Ok(Page { items, next_cursor })
}

/// All that is kept of a run.
///
/// # Errors
/// Only those of the database.
pub async fn get_run<S: Store>(store: &S, message: GetRun) -> Result<Option<RunFound>, Failure> {
    let found = store.run(message.run_id).await.map_err(refusal::store)?;
    let Some((run, packed)) = found else {
        return Ok(None);
    };
    let record = frame::unpack(&packed).map_err(refusal::pack)?;
    Ok(Some(RunFound { run, record }))
}

/// The workflow of this id or name.
async fn workflow<S: Store>(store: &S, wanted: &str) -> Result<Option<WorkflowId>, Failure> {
    if let Ok(id) = wanted.parse() {
        return Ok(Some(id));
    }
    check_text("workflow", wanted, 63)?;
    store.workflow_named(wanted).await.map_err(refusal::store)
}

const fn nothing() -> Page<RunSummary> {
    Page {
        items: Vec::new(),
        next_cursor: None,
    }
}

/// The cursor's inside is nobody's business but this file's.
fn cursor(last: &RunSummary) -> String {
    let moment = last.started_at_ms.to_be_bytes();
    BASE64_URL_SAFE_NO_PAD.encode([moment.as_slice(), last.run_id.0.as_bytes()].concat())
}

fn after(cursor: &str) -> Result<(i64, RunId), Failure> {
    let read = || {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (moment, id) = bytes.split_first_chunk::<8>()?;
        let id: [u8; 16] = id.try_into().ok()?;
        Some((i64::from_be_bytes(*moment), RunId(Uuid::from_bytes(id))))
    };
    read().ok_or_else(|| {
        invalid("the cursor is none that a listing gave; begin again without a cursor")
    })
}
