//! What the control plane shows.

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::v1::auth::TokenInfo;
use shared::v1::registry::{PublishedEndpoint, VersionInfo, WorkflowInfo};

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
        "etag": info.etag,
        "created_at": moment(info.created_at_ms),
        "updated_at": moment(info.updated_at_ms),
        "endpoint": endpoint,
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
