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
use super::run_views::{Cause, version};
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
    let cause = Cause::of(letter.trigger);
    json!({
        "run_id": letter.run_id,
        "workflow_id": letter.workflow_id,
        "endpoint_id": cause.called.then_some(letter.endpoint_id),
        "source": cause.source,
        "scheduled_at": cause.scheduled_at,
        "version": version(letter.version),
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
    let called = Cause::of(opened.letter.trigger).called;
    let mut shown = letter(&opened.letter);
    if let Some(members) = shown.as_object_mut() {
        let request = json!({
            "method": called.then_some(&opened.request.method),
            "query": called.then_some(&opened.request.query),
            "content_type": content_type,
            "body": String::from_utf8_lossy(&opened.body),
            "body_bytes": opened.body_bytes,
        });
        members.insert("request".to_owned(), request);
    }
    shown
}

#[cfg(test)]
mod tests {
    use shared::ids::EndpointId;
    use shared::v1::run::{BodyKind, Received, Trigger, TriggerSource};
    use uuid::Uuid;

    use super::*;

    fn opened(trigger: Option<Trigger>, version: u64) -> Value {
        shown(&OpenedDeadLetter {
            letter: DeadLetter {
                run_id: RunId(Uuid::nil()),
                workflow_id: WorkflowId(Uuid::nil()),
                endpoint_id: EndpointId(Uuid::nil()),
                version,
                received_at_ms: 0,
                attempts: 20,
                reason: String::new(),
                died_at_ms: 0,
                trigger,
            },
            request: Received {
                received_at_ms: 0,
                method: trigger.map_or("PUT", |_| "").to_owned(),
                query: String::new(),
                ip: String::new(),
                headers: Vec::new(),
                claims: None,
                body_kind: BodyKind::Json,
            },
            body: b"{}".to_vec(),
            body_bytes: 2,
        })
    }

    #[test]
    fn a_run_without_a_listener_shows_what_started_it_and_neither_endpoint_nor_method() {
        let moment = Trigger {
            source: TriggerSource::Scheduled,
            scheduled_at_ms: Some(1_764_000_000_000),
        };
        let letter = opened(Some(moment), 3);
        assert_eq!(letter["source"], "scheduled");
        assert_eq!(letter["scheduled_at"], "2025-11-24T16:00:00Z");
        for path in ["/endpoint_id", "/request/method", "/request/query"] {
            assert_eq!(letter.pointer(path), Some(&Value::Null), "{path}");
        }
        assert_eq!(letter["request"]["body"], "{}");
    }

    #[test]
    fn a_called_run_shows_both_and_a_draft_has_no_version() {
        let letter = opened(None, 0);
        assert_eq!(letter["source"], "listener");
        assert_eq!(letter["scheduled_at"], Value::Null);
        assert_eq!(letter["endpoint_id"], Uuid::nil().to_string());
        assert_eq!(letter["request"]["method"], "PUT");
        assert_eq!(letter["version"], Value::Null);
    }
}
