//! Dead letters: runs that nobody could carry out.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::ids::{RunId, WorkflowId};
use shared::v1::dead_letters::{
    DeadLetter, DropDeadLetter, GetDeadLetter, ListDeadLetters, OpenedDeadLetter, RetryDeadLetter,
};

use super::call::{Call, Id, json as reply};
use super::endpoints::page_size;
use super::{body, views};
use crate::problem::Problem;

/// How the listing is narrowed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    workflow_id: Option<WorkflowId>,
    cursor: Option<String>,
    limit: Option<u32>,
}

/// `GET /dead-letters`: a page of dead letters, oldest first.
pub(super) async fn list(call: Call) -> Result<Response, Problem> {
    let filter: Filter = call.query()?;
    let message = ListDeadLetters {
        workflow_id: filter.workflow_id,
        cursor: filter.cursor,
        limit: page_size(filter.limit)?,
    };
    let page = call.registry(message).await?;
    let items: Vec<_> = page.items.iter().map(letter).collect();
    reply(
        StatusCode::OK,
        &views::page(&items, page.next_cursor.as_deref()),
    )
}

/// `GET /dead-letters/{run_id}`: one, with what the caller sent.
pub(super) async fn read(Id(run_id): Id<RunId>, call: Call) -> Result<Response, Problem> {
    let found = call.registry(GetDeadLetter { run_id }).await?;
    let opened = found.ok_or_else(Problem::not_found)?;
    reply(StatusCode::OK, &shown(&opened))
}

/// What is to become of a run that is sent again.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    from_start: bool,
}

/// `POST /dead-letters/{run_id}/retry`: the run goes on where it was, or begins again.
pub(super) async fn retry(Id(run_id): Id<RunId>, call: Call) -> Result<Response, Problem> {
    let wanted: Option<Wanted> = body::json(&call.headers, &call.body)?;
    let from_start = wanted.unwrap_or_default().from_start;
    done(
        call.registry(RetryDeadLetter { run_id, from_start })
            .await?,
    )
}

/// `DELETE /dead-letters/{run_id}`: the run is thrown away.
pub(super) async fn remove(Id(run_id): Id<RunId>, call: Call) -> Result<Response, Problem> {
    done(call.registry(DropDeadLetter { run_id }).await?)
}

fn done(was_there: bool) -> Result<Response, Problem> {
    if was_there {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Err(Problem::not_found())
}

fn letter(letter: &DeadLetter) -> Value {
    json!({
        "run_id": letter.run_id,
        "workflow_id": letter.workflow_id,
        "endpoint_id": letter.endpoint_id,
        "version": letter.version,
        "received_at": views::moment(letter.received_at_ms),
        "died_at": views::moment(letter.died_at_ms),
        "attempts": letter.attempts,
        "reason": letter.reason,
    })
}

/// Headers may hold credentials, and say little that helps: only the body's type is shown.
fn shown(opened: &OpenedDeadLetter) -> Value {
    let headers = opened.request.headers.iter();
    let content_type = headers
        .filter(|(name, _)| name == "content-type")
        .map(|(_, value)| value.as_str())
        .next();
    let mut shown = letter(&opened.letter);
    if let Some(members) = shown.as_object_mut() {
        let request = json!({
            "method": opened.request.method,
            "query": opened.request.query,
            "content_type": content_type,
            "body": String::from_utf8_lossy(&opened.body),
            "body_bytes": opened.body_bytes,
        });
        members.insert("request".to_owned(), request);
    }
    shown
}
