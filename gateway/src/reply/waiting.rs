//! The reply of a run that the caller waits for.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use shared::codes::Code;
use shared::ids::RunId;
use shared::v1::reply::{Answer, End, Outcome};
use tokio::time::timeout;

use super::authored::authored;
use super::{Body, Response};
use crate::dispatch::{Dispatch, Flight, Job, News, cut};
use crate::problem::Problem;

/// The most bytes of one reply that are put together.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Sends a run out and waits for its reply, `patience` at most.
///
/// # Errors
/// `run_timeout`, or whatever went wrong with the run.
pub(crate) async fn waiting(
    dispatch: &Dispatch,
    mut job: Job,
    patience: Duration,
) -> Result<Response, Problem> {
    let run_id = job.request.run_id;
    let replied = async {
        let (mut flight, news) = dispatch.launch(&mut job).await?;
        let reply = reply(&mut flight, news, run_id).await;
        // What a run still does after its reply is not for this caller to end.
        flight.land();
        reply
    };
    timeout(patience, replied)
        .await
        .unwrap_or_else(|_| Err(timed_out(run_id, patience)))
}

pub(super) fn timed_out(run_id: RunId, patience: Duration) -> Problem {
    let detail = format!("the run did not reply within {} s", patience.as_secs());
    Problem::new(Code::RunTimeout, detail).of_run(run_id)
}

/// The reply that a piece of news is, or begins.
///
/// # Errors
/// Whatever the news say went wrong.
pub(super) async fn reply(
    flight: &mut Flight,
    news: News,
    run_id: RunId,
) -> Result<Response, Problem> {
    match news {
        News::Answer(answer, body) => whole(flight, answer, body, run_id).await,
        News::End(end) => ended(&end, run_id),
        other => Err(failed(other, run_id)),
    }
}

/// The reply of a run that ended without one.
pub(super) fn ended(end: &End, run_id: RunId) -> Result<Response, Problem> {
    if end.outcome == Outcome::Succeeded {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        return Ok(response);
    }
    Err(Problem::new(Code::RunFailed, "the run failed before it replied").of_run(run_id))
}

async fn whole(
    flight: &mut Flight,
    answer: Answer,
    body: Bytes,
    run_id: RunId,
) -> Result<Response, Problem> {
    let (mut more, mut size) = (answer.more, body.len());
    let mut chunks = VecDeque::from([body]);
    while more {
        match flight.next().await {
            News::Part(part, body) => {
                more = part.more;
                size += body.len();
                chunks.push_back(body);
            }
            other => return Err(failed(other, run_id)),
        }
        if size > MOST_BYTES {
            let detail =
                format!("the reply is larger than the {MOST_BYTES} bytes that can be sent");
            return Err(Problem::new(Code::ReplyRefused, detail).of_run(run_id));
        }
    }
    authored(answer.status, &answer.headers, chunks).map_err(|problem| problem.of_run(run_id))
}

/// The problem that a piece of news is where a reply was to come.
pub(super) fn failed(news: News, run_id: RunId) -> Problem {
    let problem = match news {
        News::Failure(failure) => failure.into(),
        News::Lost => Problem::new(
            Code::RunnerLost,
            "the workflow runner was lost with the run",
        ),
        News::Nobody => Problem::new(Code::NoRunner, "no workflow runner is there"),
        News::Cut => cut(run_id),
        News::Broken => Problem::new(Code::ReplyBroken, "a part of the reply was lost"),
        News::Answer(..) | News::Part(..) | News::Open(_) | News::Stream(..) | News::End(_) => {
            tracing::error!(%run_id, "a frame that does not belong to this kind of reply");
            Problem::new(
                Code::ReplyBroken,
                "the reply is not of the kind that was asked for",
            )
        }
    };
    problem.of_run(run_id)
}
