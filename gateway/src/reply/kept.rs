//! Replies that are fetched later, with a signed link.

use std::collections::VecDeque;
use std::time::Duration;

use ops::clock::now_ms;
use shared::codes::Code;
use shared::frame::{self, Frame, FrameError, Kind};
use shared::ids::{EndpointId, RunId};
use shared::v1::auth::CheckReplyLink;
use shared::v1::reply::{Answer, End, Failure};

use super::Response;
use super::authored::authored;
use super::parked::not_yet;
use super::waiting::ended;
use crate::asked::Asked;
use crate::platform::Platform;
use crate::problem::Problem;

/// How long auth-svc may take to check a link.
const PATIENCE: Duration = Duration::from_secs(2);

/// The endpoint whose reply a link gives the right to.
///
/// # Errors
/// `not_found` for whatever is no good link to this run, `auth_unavailable`.
pub(crate) async fn check(
    platform: &Platform,
    asked: &Asked,
    run_id: RunId,
    token: &str,
) -> Result<EndpointId, Problem> {
    let message = CheckReplyLink {
        token: token.to_owned(),
    };
    let right = platform
        .bus
        .call(asked.context(), message, PATIENCE, now_ms())
        .await;
    let right = right.map_err(|error| {
        tracing::warn!(%error, "a reply link could not be checked");
        Problem::new(
            Code::AuthUnavailable,
            "the link cannot be checked at the moment",
        )
    })?;
    match right {
        Some(right) if right.run_id == run_id => Ok(right.endpoint_id),
        _ => Err(Problem::not_found()),
    }
}

/// The reply of a run, or once more that it is not there yet.
///
/// # Errors
/// `bus_unavailable`, or what went wrong with the run.
pub(crate) async fn kept(
    platform: &Platform,
    run_id: RunId,
    token: &str,
) -> Result<Response, Problem> {
    match fetch(platform, run_id).await? {
        Some(reply) => reply,
        None => {
            let location = format!("/runs/{run_id}/reply?token={token}");
            Ok(not_yet(&run_id.to_string(), Some(&location)))
        }
    }
}

/// The kept reply of a run, where there is one.
///
/// # Errors
/// `bus_unavailable` where that cannot be known.
pub(super) async fn fetch(
    platform: &Platform,
    run_id: RunId,
) -> Result<Option<Result<Response, Problem>>, Problem> {
    let value = platform
        .replies
        .get(&run_id.to_string())
        .await
        .map_err(|error| {
            tracing::warn!(%error, %run_id, "a kept reply cannot be read");
            Problem::new(
                Code::BusUnavailable,
                "the reply cannot be read at the moment",
            )
        })?;
    let Some(value) = value else { return Ok(None) };
    let reply = frame::decode(value).and_then(|frame| read(&frame, run_id));
    Ok(Some(reply.unwrap_or_else(|error| {
        tracing::error!(%error, %run_id, "a kept reply is damaged");
        Err(Problem::new(Code::ReplyBroken, "the kept reply is damaged").of_run(run_id))
    })))
}

fn read(frame: &Frame, run_id: RunId) -> Result<Result<Response, Problem>, FrameError> {
    Ok(match frame.kind {
        Kind::Answer => {
            let answer: Answer = frame.head()?;
            authored(
                answer.status,
                &answer.headers,
                VecDeque::from([frame.body.clone()]),
            )
            .map_err(|problem| problem.of_run(run_id))
        }
        Kind::End => ended(&frame.head::<End>()?, run_id),
        Kind::Failure => Err(Problem::from(frame.head::<Failure>()?).of_run(run_id)),
        _ => Err(Problem::new(Code::ReplyBroken, "the kept reply is none").of_run(run_id)),
    })
}
