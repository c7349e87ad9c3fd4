//! What the control plane shows.

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::v1::auth::TokenInfo;
use shared::v1::registry::{PublishedEndpoint, ScheduleInfo, VersionInfo, WorkflowInfo};
use shared::v1::settings::SettingInfo;

use crate::platform::Platform;

/// A moment as RFC 3339, in UTC.
pub(super) fn moment(ms: i64) -> Option<String> {
    Timestamp::from_millisecond(ms)
        .ok()
        .map(|moment| moment.to_string())
}

/// A workflow; its document where it was asked for.
pub(super) fn workflow(platform: &Platform, info: &WorkflowInfo) -> Value {
    let endpoint = info.endpoint.as_ref().map(|endpoint| {
        json!({
            "id": endpoint.id.to_string(),
            "url": format!("{}{}", platform.public_url, endpoint.path),
        })
    });
    let mut view = json!({
        "id": info.id.to_string(),
        "name": info.name,
        "category": info.category,
        "source": info.source.as_str(),
        "etag": info.etag,
        "created_at": moment(info.created_at_ms),
        "updated_at": moment(info.updated_at_ms),
        "endpoint": endpoint,
        "schedule": info.schedule.as_ref().map(schedule),
        "published": info.published.as_ref().map(version),
        "changed": info.changed,
    });
    let document = info
        .document
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok());
    if let (Some(document), Some(fields)) = (document, view.as_object_mut()) {
        let document: Value = document;
        fields.insert("document".to_owned(), document);
    }
    view
}

/// When the runs of a published schedule begin.
fn schedule(info: &ScheduleInfo) -> Value {
    json!({
        "next": info.next_ms.and_then(moment),
        "last": info.last_ms.and_then(moment),
    })
}

fn version(info: &VersionInfo) -> Value {
    json!({
        "number": info.number,
        "content_hash": info.content_hash.to_string(),
        "published_at": moment(info.published_at_ms),
        "published_by": info.actor.to_string(),
        "message": info.message,
    })
}

/// A published endpoint. Never a key or a secret.
pub(super) fn endpoint(platform: &Platform, endpoint: &PublishedEndpoint) -> Value {
    let methods: Vec<_> = endpoint
        .methods
        .iter()
        .map(|method| method.as_str())
        .collect();
    json!({
        "id": endpoint.id.to_string(),
        "name": endpoint.name,
        "workflow_id": endpoint.workflow_id.to_string(),
        "category": endpoint.category,
        "url": format!("{}{}", platform.public_url, endpoint.path),
        "methods": methods,
        "return_type": endpoint.return_type,
        "run_mode": endpoint.run_mode,
        "authentication": endpoint.authentication,
        "cors": endpoint.cors,
        "version": endpoint.version.number,
        "published_at": moment(endpoint.version.published_at_ms),
    })
}

/// A secret without its value, or a variable with it.
pub(super) fn setting(info: &SettingInfo) -> Value {
    let used_by: Vec<_> = info
        .used_by
        .iter()
        .map(|user| {
            json!({
                "workflow_id": user.workflow_id.to_string(),
                "name": user.name,
                "draft": user.draft,
                "published": user.published,
            })
        })
        .collect();
    let mut view = json!({"name": info.name});
    if let Some(fields) = view.as_object_mut() {
        if let Some(value) = &info.value {
            fields.insert("value".to_owned(), json!(value));
        }
        fields.insert("etag".to_owned(), json!(info.etag));
        fields.insert("updated_at".to_owned(), json!(moment(info.updated_at_ms)));
        let updated_by = info.updated_by.to_string();
        fields.insert("updated_by".to_owned(), json!(updated_by));
        fields.insert("used_by".to_owned(), json!(used_by));
    }
    view
}

/// An API token, without the token.
pub(super) fn token(info: &TokenInfo) -> Value {
    json!({
        "id": info.id.to_string(),
        "name": info.name,
        "role": info.role.as_str(),
        "created_at": moment(info.created_at_ms),
        "expires_at": info.expires_at_ms.and_then(moment),
    })
}

/// A page of a listing.
pub(super) fn page(items: &[Value], next_cursor: Option<&str>) -> Value {
    json!({"items": items, "next_cursor": next_cursor})
}
