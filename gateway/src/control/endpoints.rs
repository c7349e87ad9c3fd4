//! Published endpoints.

use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::codes::Code;
use shared::ids::EndpointId;
use shared::v1::auth::SignCallerToken;
use shared::v1::registry::ListEndpoints;
use shared::v1::views::ReturnType;

use super::call::{Call, Id, json as reply};
use super::{body, views};
use crate::problem::Problem;

/// How many entries a page has where nothing is said.
const PAGE: u32 = 50;

/// How many it may have.
const MOST: u32 = 200;

/// How long a test token is good for where nothing is said, in seconds.
const TOKEN_SECONDS: u32 = 300;

/// The longest that it may be good for, in seconds.
const MOST_TOKEN_SECONDS: u32 = 3_600;

/// The `limit` of a listing.
///
/// # Errors
/// `invalid_request`.
pub(super) fn page_size(limit: Option<u32>) -> Result<u32, Problem> {
    match limit.unwrap_or(PAGE) {
        limit @ 1..=MOST => Ok(limit),
        _ => Err(Problem::new(
            Code::InvalidRequest,
            format!("limit is a number from 1 to {MOST}"),
        )),
    }
}

/// How the listing is narrowed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    name: Option<String>,
    category: Option<String>,
    return_type: Option<ReturnType>,
    authentication: Option<bool>,
    cursor: Option<String>,
    limit: Option<u32>,
}

/// `GET /dynamic-endpoints`: a page of published endpoints in the order of their workflows' names.
pub(super) async fn list(call: Call) -> Result<Response, Problem> {
    let filter: Filter = call.query()?;
    let message = ListEndpoints {
        name: filter.name,
        category: filter.category,
        return_type: filter.return_type,
        authentication: filter.authentication,
        cursor: filter.cursor,
        limit: page_size(filter.limit)?,
    };
    let page = call.registry(message).await?;
    let items: Vec<_> = page
        .items
        .iter()
        .map(|endpoint| views::endpoint(&call.platform, endpoint))
        .collect();
    reply(
        StatusCode::OK,
        &views::page(&items, page.next_cursor.as_deref()),
    )
}

/// What a test token is to say, and for how long.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    claims: Map<String, Value>,
    seconds: Option<u32>,
}

/// `POST /dynamic-endpoints/{id}/token`: a JWT that the endpoint accepts, for a test call.
pub(super) async fn sign(Id(id): Id<EndpointId>, call: Call) -> Result<Response, Problem> {
    let wanted: Wanted = body::json(&call.headers, &call.body)?;
    let seconds = wanted.seconds.unwrap_or(TOKEN_SECONDS);
    if !(1..=MOST_TOKEN_SECONDS).contains(&seconds) {
        let detail = format!("seconds is a number from 1 to {MOST_TOKEN_SECONDS}");
        return Err(Problem::new(Code::InvalidRequest, detail));
    }
    let claims = Value::Object(wanted.claims).to_string();
    let signed = call
        .auth(SignCallerToken {
            endpoint_id: id,
            claims,
            seconds,
        })
        .await?;
    reply(
        StatusCode::OK,
        &json!({"token": signed.token, "expires_in": seconds}),
    )
}
