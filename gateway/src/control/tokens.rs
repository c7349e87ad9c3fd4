//! API tokens.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use ops::clock::now_ms;
use serde::Deserialize;
use serde_json::json;
use shared::codes::Code;
use shared::ids::TokenId;
use shared::v1::auth::{ListTokens, MintToken, RevokeToken, Role};

use super::call::{Call, Id, json as reply};
use super::{body, views};
use crate::problem::Problem;

/// The longest name of a token, in characters.
const LONGEST_NAME: usize = 200;

/// `GET /whoami`: whose token this is.
pub(super) async fn whoami(call: Call) -> Result<Response, Problem> {
    reply(StatusCode::OK, &views::token(&call.actor))
}

/// A token that is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    name: String,
    role: Role,
    expires_in_seconds: Option<u32>,
}

/// `POST /tokens`: a new token, shown this once.
pub(super) async fn mint(call: Call) -> Result<Response, Problem> {
    let wanted: Option<Wanted> = body::json(&call.headers, &call.body)?;
    let Some(wanted) = wanted else {
        return Err(refused(
            "the body is missing: send {\"name\": …, \"role\": …}",
        ));
    };
    if wanted.name.trim().is_empty() || wanted.name.chars().count() > LONGEST_NAME {
        return Err(refused("name is a text of 1 to 200 characters"));
    }
    let lifetime_ms = |seconds: u32| i64::from(seconds) * 1_000;
    let message = MintToken {
        name: wanted.name,
        role: wanted.role,
        expires_at_ms: wanted
            .expires_in_seconds
            .map(|seconds| now_ms() + lifetime_ms(seconds)),
    };
    let minted = call.auth(message).await?;
    let mut shown = views::token(&minted.info);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("token".to_owned(), json!(minted.token));
    }
    reply(StatusCode::CREATED, &shown)
}

/// `GET /tokens`: every token that is still good, without the tokens themselves.
pub(super) async fn list(call: Call) -> Result<Response, Problem> {
    let tokens = call.auth(ListTokens {}).await?;
    let tokens: Vec<_> = tokens.iter().map(views::token).collect();
    reply(StatusCode::OK, &views::page(&tokens, None))
}

/// `DELETE /tokens/{id}`: the token is good for nothing any more.
pub(super) async fn revoke(Id(id): Id<TokenId>, call: Call) -> Result<Response, Problem> {
    if call.auth(RevokeToken { id }).await? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Err(Problem::not_found())
}

fn refused(detail: &str) -> Problem {
    Problem::new(Code::InvalidRequest, detail)
}
