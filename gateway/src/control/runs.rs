//! The run log.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use shared::codes::Code;
use shared::ids::{EndpointId, RunId};
use shared::v1::run_log::{GetRun, ListRuns, RunState, sought};

use super::call::{Call, Id, json as reply};
use super::endpoints::page_size;
use super::live::Wanted;
use super::{live, run_views, views};
use crate::problem::Problem;

/// How the listing and the live tail are narrowed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    workflow: Option<String>,
    endpoint: Option<EndpointId>,
    state: Option<RunState>,
    from: Option<String>,
    to: Option<String>,
    text: Option<String>,
    replay_of: Option<RunId>,
    test: Option<bool>,
    cursor: Option<String>,
    limit: Option<u32>,
}

/// `GET /runs`: a page of runs, newest first.
pub(super) async fn list(call: Call) -> Result<Response, Problem> {
    let filter: Filter = call.query()?;
    let message = ListRuns {
        workflow: filter.workflow,
        endpoint: filter.endpoint,
        state: filter.state,
        from_ms: filter.from.as_deref().map(moment).transpose()?,
        to_ms: filter.to.as_deref().map(moment).transpose()?,
        text: filter.text,
        replay_of: filter.replay_of,
        test: filter.test,
        cursor: filter.cursor,
        limit: page_size(filter.limit)?,
    };
    let page = call.registry(message).await?;
    let items: Vec<_> = page.items.iter().map(run_views::summary).collect();
    reply(
        StatusCode::OK,
        &views::page(&items, page.next_cursor.as_deref()),
    )
}

/// `GET /runs/{run_id}`: all that is kept of a run.
pub(super) async fn read(Id(run_id): Id<RunId>, call: Call) -> Result<Response, Problem> {
    let found = call.registry(GetRun { run_id }).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    reply(StatusCode::OK, &run_views::whole(&found))
}

/// `GET /runs/live`: runs as they end, as an event stream.
pub(super) async fn follow(call: Call) -> Result<Response, Problem> {
    let filter: Filter = call.query()?;
    if filter.cursor.is_some() || filter.limit.is_some() {
        let detail = "a live tail has no pages: leave out cursor and limit";
        return Err(Problem::new(Code::InvalidRequest, detail));
    }
    let words = filter.text.as_deref().map(sought).transpose();
    let words = words.map_err(|detail| Problem::new(Code::InvalidRequest, detail))?;
    let wanted = Wanted {
        workflow: filter.workflow,
        endpoint: filter.endpoint,
        state: filter.state,
        from_ms: filter.from.as_deref().map(moment).transpose()?,
        to_ms: filter.to.as_deref().map(moment).transpose()?,
        words: words.unwrap_or_default(),
        replay_of: filter.replay_of,
        test: filter.test,
    };
    live::follow(call, wanted)
}

/// A moment in a query: RFC 3339, or a date, which begins at midnight (UTC).
fn moment(text: &str) -> Result<i64, Problem> {
    let date = || {
        let date: Date = text.parse().ok()?;
        date.to_zoned(TimeZone::UTC).ok()
    };
    let moment = match text.parse::<Timestamp>() {
        Ok(moment) => Some(moment),
        Err(_) => date().map(|date| date.timestamp()),
    };
    moment.map(Timestamp::as_millisecond).ok_or_else(|| {
        let detail = "a time is written as 2026-01-31T12:00:00Z (RFC 3339) or 2026-01-31";
        Problem::new(Code::InvalidRequest, detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_time_or_the_beginning_of_a_day() {
        assert_eq!(moment("1970-01-01T00:00:01Z").unwrap(), 1_000);
        assert_eq!(moment("1970-01-01T01:00:00+01:00").unwrap(), 0);
        assert_eq!(moment("1970-01-02").unwrap(), 24 * 60 * 60 * 1000);
        for wrong in ["", "yesterday", "12:00", "1970-13-01"] {
            assert_eq!(moment(wrong).unwrap_err().code(), Code::InvalidRequest);
        }
    }
}
