//! Secrets and variables.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::ETAG;
use seal::{seal, setting};
use serde::Deserialize;
use shared::codes::Code;
use shared::limits::MAX_SETTING;
use shared::v1::auth::SealingKey;
use shared::v1::settings::{
    DeleteSetting, GetSetting, ListSettings, PutSetting, SettingInfo, SettingKind, SettingValue,
    is_setting_name,
};
use zeroize::Zeroizing;

use super::call::{Call, Id, json as reply};
use super::endpoints::page_size;
use super::{body, precondition, views};
use crate::problem::Problem;

/// `GET /secrets`: a page of secrets in the order of their names, never with a value.
pub(super) async fn list_secrets(call: Call) -> Result<Response, Problem> {
    list(call, SettingKind::Secret).await
}

/// `PUT /secrets/{name}`: a secret, new or not. It is sealed here, and nobody but auth-svc can open it from here on.
pub(super) async fn put_secret(Id(name): Id<String>, call: Call) -> Result<Response, Problem> {
    let wanted = Wanted::of(&call, &name)?;
    let key = call.auth(SealingKey {}).await?;
    let sealed = seal(&key, &setting::secret(&name), wanted.value.as_bytes());
    let sealed = sealed.map_err(|error| {
        tracing::error!(%error, "a secret could not be sealed");
        Problem::new(Code::Internal, "the secret could not be sealed")
    })?;
    put(call, name, SettingValue::Secret(sealed)).await
}

/// `DELETE /secrets/{name}`: the secret is gone; one that a published version uses only with `?force=true`.
pub(super) async fn delete_secret(Id(name): Id<String>, call: Call) -> Result<Response, Problem> {
    delete(call, SettingKind::Secret, name).await
}

/// `GET /variables`: a page of variables in the order of their names.
pub(super) async fn list_variables(call: Call) -> Result<Response, Problem> {
    list(call, SettingKind::Variable).await
}

/// `GET /variables/{name}`: one variable.
pub(super) async fn read_variable(Id(name): Id<String>, call: Call) -> Result<Response, Problem> {
    let kind = SettingKind::Variable;
    let info = call.registry(GetSetting { kind, name }).await?;
    tagged(StatusCode::OK, &info)
}

/// `PUT /variables/{name}`: a variable, new or not. Every gateway and runner reads it when this returns.
pub(super) async fn put_variable(Id(name): Id<String>, call: Call) -> Result<Response, Problem> {
    let mut wanted = Wanted::of(&call, &name)?;
    let value = std::mem::take(&mut *wanted.value);
    put(call, name, SettingValue::Variable(value)).await
}

/// `DELETE /variables/{name}`: the variable is gone; one that a published version uses only with `?force=true`.
pub(super) async fn delete_variable(Id(name): Id<String>, call: Call) -> Result<Response, Problem> {
    delete(call, SettingKind::Variable, name).await
}

/// A value that is wanted.
struct Wanted {
    value: Zeroizing<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    value: String,
}

impl Wanted {
    /// Reads it. What is wrong with the body is told without a part of it, which may be the secret.
    fn of(call: &Call, name: &str) -> Result<Self, Problem> {
        let refused = |detail: String| Problem::new(Code::InvalidRequest, detail);
        if !is_setting_name(name) {
            let detail = "a name has 1 to 64 of the characters A-Z, a-z, 0-9 and _, and does not begin with a digit";
            return Err(refused(detail.to_owned()));
        }
        let sent: Result<Option<Sent>, Problem> = body::json(&call.headers, &call.body);
        let sent = match sent {
            Err(problem) if problem.code() != Code::InvalidRequest => return Err(problem),
            sent => sent.ok().flatten(),
        };
        let sent = sent.ok_or_else(|| {
            refused("the body is a JSON object with the one member `value`, a text".to_owned())
        })?;
        let value = Zeroizing::new(sent.value);
        if value.len() > MAX_SETTING {
            let size = value.len();
            return Err(refused(format!(
                "the value has {size} bytes; {MAX_SETTING} are allowed"
            )));
        }
        Ok(Self { value })
    }
}

async fn put(call: Call, name: String, value: SettingValue) -> Result<Response, Problem> {
    let message = PutSetting {
        name,
        value,
        if_match: precondition::if_match(&call.headers)?,
        actor: call.actor.id,
    };
    let put = call.registry(message).await?;
    let status = if put.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    tagged(status, &put.info)
}

/// Which page of a listing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    cursor: Option<String>,
    limit: Option<u32>,
}

async fn list(call: Call, kind: SettingKind) -> Result<Response, Problem> {
    let which: Which = call.query()?;
    let message = ListSettings {
        kind,
        cursor: which.cursor,
        limit: page_size(which.limit)?,
    };
    let page = call.registry(message).await?;
    let items: Vec<_> = page.items.iter().map(views::setting).collect();
    reply(
        StatusCode::OK,
        &views::page(&items, page.next_cursor.as_deref()),
    )
}

/// How a deletion is meant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Meant {
    #[serde(default)]
    force: bool,
}

async fn delete(call: Call, kind: SettingKind, name: String) -> Result<Response, Problem> {
    let meant: Meant = call.query()?;
    let message = DeleteSetting {
        kind,
        name,
        if_match: precondition::if_match(&call.headers)?,
        force: meant.force,
    };
    call.registry(message).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn tagged(status: StatusCode, info: &SettingInfo) -> Result<Response, Problem> {
    let mut response = reply(status, &views::setting(info))?;
    if let Some(tag) = precondition::etag(&info.etag) {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}
