//! Going on with an event stream where a caller's connection broke.

use std::time::Duration;

use bus::replay::Replay;
use http::{HeaderMap, StatusCode};
use shared::codes::Code;
use shared::ids::{EndpointId, RunId};
use shared::limits;

use super::authored::head_of_stream;
use super::stream::{Source, Step, start};
use super::{Body, Response};
use crate::listener::Leash;
use crate::platform::Platform;
use crate::problem::Problem;

/// How long reading may take to begin.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long to look whether anything is left of a run.
const GLANCE: Duration = Duration::from_millis(500);

/// The last frame that a caller has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResumeAt {
    run_id: RunId,
    seq: u32,
}

impl ResumeAt {
    /// Reads `Last-Event-ID`: run, place in its sequence, and perhaps the author's own id. None for anything else,
    /// such as an id of the author's alone.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let id = headers.get("last-event-id")?.to_str().ok()?;
        let mut parts = id.trim().splitn(3, ':');
        let (run_id, seq) = (parts.next()?, parts.next()?);
        Some(Self {
            run_id: run_id.parse().ok()?,
            seq: seq.parse().ok()?,
        })
    }

    /// The beginning of a run's stream.
    pub(crate) const fn start(run_id: RunId) -> Self {
        Self { run_id, seq: 0 }
    }

    /// Whether the caller has no frame yet because there was none: its run is so young that one would still be kept.
    fn may_still_begin(&self, now_ms: i64) -> bool {
        let made = self.run_id.0.get_timestamp().map(|made| made.to_unix().0);
        let kept_from = now_ms.div_euclid(1000) - limits::REPLY_KEPT_SECONDS.cast_signed();
        self.seq == 0
            && made
                .and_then(|made| i64::try_from(made).ok())
                .is_some_and(|made| made > kept_from)
    }
}

/// Streams what came after. Starts no run. Where nothing of the run is left the answer is 204, upon which an `EventSource`
/// stops asking.
///
/// # Errors
/// `queue_unavailable` where the kept frames cannot be read.
pub(crate) async fn resume(
    platform: &Platform,
    endpoint_id: EndpointId,
    at: ResumeAt,
    leash: Leash,
) -> Result<Response, Problem> {
    let opened = tokio::time::timeout(
        PATIENCE,
        Replay::open(&platform.bus, endpoint_id, at.run_id),
    )
    .await;
    let replay = match opened {
        Ok(Ok(replay)) => replay,
        Ok(Err(error)) => {
            tracing::warn!(%error, run_id = %at.run_id, "a stream cannot go on");
            return Err(unavailable());
        }
        Err(_) => return Err(unavailable()),
    };
    if replay.kept() == 0 && !at.may_still_begin(ops::clock::now_ms()) {
        return Ok(nothing_left());
    }
    let mut source = Source::replay(platform.bus.clone(), replay, endpoint_id, at.run_id, at.seq);
    // What is kept comes at once; a run without news is still under way.
    match tokio::time::timeout(GLANCE, source.next()).await {
        Ok(Step::End) => Ok(nothing_left()),
        glance => Ok(head_of_stream(
            &[],
            start(platform, source, glance.ok(), leash),
        )),
    }
}

fn nothing_left() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

fn unavailable() -> Problem {
    Problem::new(
        Code::QueueUnavailable,
        "the kept frames cannot be read at the moment",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: &str) -> Option<ResumeAt> {
        let mut headers = HeaderMap::new();
        headers.insert("last-event-id", id.parse().unwrap());
        ResumeAt::of(&headers)
    }

    #[test]
    fn a_place_in_a_run_is_read_with_and_without_the_authors_own_id() {
        let run_id = RunId(uuid::Uuid::now_v7());
        let at = Some(ResumeAt { run_id, seq: 7 });
        assert_eq!(of(&format!("{run_id}:7")), at);
        assert_eq!(of(&format!("{run_id}:7:step:3")), at);
        for id in ["7", "", "x:7", &run_id.to_string(), &format!("{run_id}:x")] {
            assert_eq!(of(id), None, "{id}");
        }
    }

    #[test]
    fn a_young_run_without_a_frame_may_still_begin_and_an_old_one_may_not() {
        let made_ms = 1_700_000_000_000_u64;
        let stamp = uuid::Timestamp::from_unix_time(made_ms / 1000, 0, 0, 0);
        let run_id = RunId(uuid::Uuid::new_v7(stamp));
        let made_ms = made_ms.cast_signed();
        let kept_ms = limits::REPLY_KEPT_SECONDS.cast_signed() * 1000;
        let at = |seq| ResumeAt { run_id, seq };
        assert!(at(0).may_still_begin(made_ms));
        assert!(at(0).may_still_begin(made_ms + kept_ms - 1000));
        assert!(!at(0).may_still_begin(made_ms + kept_ms));
        assert!(!at(1).may_still_begin(made_ms));
        let other = RunId(uuid::Uuid::from_u128(7));
        assert!(
            !ResumeAt {
                run_id: other,
                seq: 0
            }
            .may_still_begin(made_ms)
        );
    }
}
