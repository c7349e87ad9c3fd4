//! Workflows: their drafts, and which of them are published.

use axum::response::{IntoResponse, Response};
use http::header::{ETAG, LOCATION};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::ids::WorkflowId;
use shared::v1::registry::{
    CreateWorkflow, DeleteWorkflow, GetWorkflow, ListWorkflows, Publish, Saved, Unpublish,
    UpdateWorkflow, WorkflowInfo,
};

use super::call::{Call, Id, json as reply};
use super::credentials::Credentials;
use super::draft::{invalid, judge, prepare};
use super::endpoints::page_size;
use super::{body, precondition, views};
use crate::problem::Problem;

/// `POST /workflows/validate`: every problem of a document; nothing is stored. 422 where one of them is an error.
pub(super) async fn validate(call: Call) -> Result<Response, Problem> {
    let (report, _) = judge(&call).await?;
    if !report.passes() {
        return Err(invalid(&report.problems));
    }
    reply(StatusCode::OK, &json!({"problems": report.problems}))
}

/// `POST /workflows`: a new workflow with this draft.
pub(super) async fn create(call: Call) -> Result<Response, Problem> {
    let prepared = prepare(&call).await?;
    let saved = call
        .registry(CreateWorkflow {
            draft: prepared.draft,
        })
        .await?;
    let location = format!("/api/v1/workflows/{}", saved.workflow.id);
    let shown = show_saved(&call, &saved, prepared.problems, prepared.offered);
    let mut response = tagged(StatusCode::CREATED, &saved.workflow, &shown)?;
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// `PUT /workflows/{id}`: another draft. What is published stays as it is until the next publish.
pub(super) async fn update(Id(id): Id<WorkflowId>, call: Call) -> Result<Response, Problem> {
    let if_match = precondition::required(&call.headers)?;
    let prepared = prepare(&call).await?;
    let saved = call
        .registry(UpdateWorkflow {
            id,
            if_match,
            draft: prepared.draft,
        })
        .await?;
    let shown = show_saved(&call, &saved, prepared.problems, prepared.offered);
    tagged(StatusCode::OK, &saved.workflow, &shown)
}

fn show_saved(call: &Call, saved: &Saved, problems: Value, offered: Credentials) -> Value {
    let mut shown = views::workflow(&call.platform, &saved.workflow);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("problems".to_owned(), problems);
        if let Some(credentials) = offered.shown(saved.took_key, saved.took_secret) {
            fields.insert("credentials".to_owned(), credentials);
        }
    }
    shown
}

/// `GET /workflows/{id}`: one workflow with its draft.
pub(super) async fn read(Id(id): Id<WorkflowId>, call: Call) -> Result<Response, Problem> {
    let info = call.registry(GetWorkflow { id }).await?;
    tagged(
        StatusCode::OK,
        &info,
        &views::workflow(&call.platform, &info),
    )
}

/// How a listing of workflows is narrowed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    name: Option<String>,
    category: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

/// `GET /workflows`: a page of workflows in the order of their names, without their drafts.
pub(super) async fn list(call: Call) -> Result<Response, Problem> {
    let filter: Filter = call.query()?;
    let message = ListWorkflows {
        name: filter.name,
        category: filter.category,
        cursor: filter.cursor,
        limit: page_size(filter.limit)?,
    };
    let page = call.registry(message).await?;
    let items: Vec<_> = page
        .items
        .iter()
        .map(|info| views::workflow(&call.platform, info))
        .collect();
    reply(
        StatusCode::OK,
        &views::page(&items, page.next_cursor.as_deref()),
    )
}

/// `DELETE /workflows/{id}`: the workflow and its endpoint are gone; runs that are under way finish.
pub(super) async fn remove(Id(id): Id<WorkflowId>, call: Call) -> Result<Response, Problem> {
    let if_match = precondition::required(&call.headers)?;
    call.registry(DeleteWorkflow { id, if_match }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Why a version is published.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    message: Option<String>,
}

/// `POST /workflows/{id}/publish`: the draft is live on every gateway when this returns.
pub(super) async fn publish(Id(id): Id<WorkflowId>, call: Call) -> Result<Response, Problem> {
    let if_match = precondition::if_match(&call.headers)?.unwrap_or_else(|| "*".to_owned());
    let note: Note = body::json(&call.headers, &call.body)?;
    let message = Publish {
        id,
        if_match,
        actor: call.actor.id,
        message: note.message,
    };
    let info = call.registry(message).await?;
    tagged(
        StatusCode::OK,
        &info,
        &views::workflow(&call.platform, &info),
    )
}

/// `POST /workflows/{id}/unpublish`: the endpoint answers nowhere any more when this returns.
pub(super) async fn unpublish(Id(id): Id<WorkflowId>, call: Call) -> Result<Response, Problem> {
    let info = call.registry(Unpublish { id }).await?;
    tagged(
        StatusCode::OK,
        &info,
        &views::workflow(&call.platform, &info),
    )
}

fn tagged(status: StatusCode, info: &WorkflowInfo, shown: &Value) -> Result<Response, Problem> {
    let mut response = reply(status, shown)?;
    if let Some(tag) = precondition::etag(&info.etag) {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}
