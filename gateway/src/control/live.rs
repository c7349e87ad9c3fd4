//! The live tail of the run log: one subscription for the gateway, and from there to every reader.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bus::serve::{Handler, Incoming, Intake, Permit, Permits, Serving, Work};
use bus::{Bus, ConnectError};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use ops::clock::now_ms;
use serde_json::json;
use shared::codes::Code;
use shared::ids::EndpointId;
use shared::v1::run_log::{RunEnded, RunState, has_words};
use shared::{frame, subjects};
use tokio::sync::mpsc::{OwnedPermit, Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tokio_util::sync::CancellationToken;
use workflow::reply::encode_frame;

use super::call::Call;
use super::run_views;
use crate::problem::Problem;
use crate::reply;

/// How many runs a reader may be behind before it is let go of.
const BEHIND: usize = 2_048;

/// How many events wait for a reader's socket.
const BUFFER: usize = 64;

/// How many readers there are at once.
const READERS: usize = 128;

/// How often a reader's token is checked again.
const CHECK_EVERY: Duration = Duration::from_secs(5);

/// For how long a reader is kept whose token nobody can check.
const UNCHECKED: Duration = Duration::from_secs(30);

/// Keeps connections open through proxies that end quiet ones.
const COMMENT: &[u8] = b":\n\n";

/// The runs that end, for whoever follows. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Tail {
    ended: broadcast::Sender<Arc<RunEnded>>,
    readers: Arc<Semaphore>,
}

impl Default for Tail {
    fn default() -> Self {
        Self {
            ended: broadcast::Sender::new(BEHIND),
            readers: Arc::new(Semaphore::new(READERS)),
        }
    }
}

impl Tail {
    /// Begins to listen to registry-svc.
    ///
    /// # Errors
    /// [`ConnectError`] when the subscription cannot be made.
    pub(crate) async fn listen(&self, bus: &Bus) -> Result<Serving, ConnectError> {
        let intake = Intake {
            subject: subjects::RUNS_ENDED.to_owned(),
            group: None,
            permits: Permits::new(1_024),
        };
        bus.serve(intake, self.clone()).await
    }
}

impl Handler for Tail {
    fn handle(&mut self, message: Incoming, permit: Permit) -> Work {
        // Most of the time nobody reads, and then nothing is unpacked.
        if self.ended.receiver_count() > 0 {
            match frame::unpack::<Vec<RunEnded>>(&message.payload) {
                Ok(ended) => {
                    for run in ended {
                        // Nobody may be there any more.
                        let _ = self.ended.send(Arc::new(run));
                    }
                }
                Err(error) => tracing::warn!(%error, "runs that ended cannot be read"),
            }
        }
        drop(permit);
        Box::pin(async {})
    }

    fn shed(&mut self, _message: Incoming) -> Work {
        Box::pin(async {})
    }
}

/// Which runs a reader wants.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Only those of the workflow of this id or name.
    pub(super) workflow: Option<String>,
    /// Only those of this endpoint.
    pub(super) endpoint: Option<EndpointId>,
    /// Only those that ended so.
    pub(super) state: Option<RunState>,
    /// Only those that began then or later.
    pub(super) from_ms: Option<i64>,
    /// Only those that began before.
    pub(super) to_ms: Option<i64>,
    /// Only those with these words.
    pub(super) words: Vec<String>,
}

impl Wanted {
    fn takes(&self, ended: &RunEnded) -> bool {
        let run = &ended.run;
        let workflow = |wanted: &String| {
            run.workflow.as_ref() == Some(wanted) || run.workflow_id.to_string() == *wanted
        };
        self.workflow.as_ref().is_none_or(workflow)
            && self.endpoint.is_none_or(|wanted| wanted == run.endpoint_id)
            && self.state.is_none_or(|wanted| wanted == run.state)
            && self.from_ms.is_none_or(|from| from <= run.started_at_ms)
            && self.to_ms.is_none_or(|to| run.started_at_ms < to)
            && has_words(&ended.words, &self.words)
    }
}

/// A stream of the runs that are wanted, for as long as the token is good.
///
/// # Errors
/// `overloaded` where there are too many readers.
pub(super) fn follow(call: Call, wanted: Wanted) -> Result<Response, Problem> {
    let platform = call.platform.clone();
    let tail = &platform.tail;
    let place = tail.readers.clone().try_acquire_owned().map_err(|_| {
        let detail = format!("{READERS} readers follow runs at this gateway, and no more can");
        Problem::new(Code::Overloaded, detail)
    })?;
    let (sender, pieces) = channel(BUFFER + 1);
    // Kept for the last event: a reader whose buffer is full is to learn why it hears no more.
    let last = sender
        .clone()
        .try_reserve_owned()
        .map_err(|_| Problem::new(Code::Internal, "a stream could not be begun"))?;
    let reader = Reader {
        ended: tail.ended.subscribe(),
        wanted,
        sender,
        stall: platform.config.slow_reader_time(),
        comments: platform.config.stream_comment_time(),
        ending: platform.ending.clone(),
        _place: place,
    };
    let life = call.actor.expires_at_ms.map(|at| {
        let left = u64::try_from(at.saturating_sub(now_ms())).unwrap_or(0);
        Duration::from_millis(left)
    });
    let call = Arc::new(call);
    let check = move || {
        let call = call.clone();
        async move { call.check_again().await.map_err(|problem| problem.code()) }
    };
    let good = async move {
        tokio::select! {
            () = lived(life) => Code::TokenExpired,
            code = checked(check) => code,
        }
    };
    platform.tasks.tracker.spawn(reader.run(last, good));
    Ok(stream(pieces))
}

async fn lived(life: Option<Duration>) {
    match life {
        Some(life) => sleep(life).await,
        None => std::future::pending().await,
    }
}

/// Checks now and again, until that says why the token is no longer good, or for too long says nothing.
async fn checked<F: Future<Output = Result<(), Code>>>(check: impl Fn() -> F) -> Code {
    let mut known = Instant::now();
    loop {
        sleep(CHECK_EVERY).await;
        match check().await {
            Ok(()) => known = Instant::now(),
            Err(code @ (Code::Unauthenticated | Code::Forbidden)) => return code,
            // The token may be as good as before.
            Err(_) if known.elapsed() < UNCHECKED => {}
            Err(code) => return code,
        }
    }
}

fn stream(pieces: Receiver<Bytes>) -> Response {
    let body = Body::new(reply::Body::live(pieces));
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

/// Why a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Its reader has gone.
    Gone,
    /// Its reader was too slow.
    TooSlow,
    /// The gateway stops.
    Shutdown,
    /// The token is no longer good.
    Refused(Code),
}

struct Reader {
    ended: broadcast::Receiver<Arc<RunEnded>>,
    wanted: Wanted,
    sender: Sender<Bytes>,
    stall: Duration,
    comments: Duration,
    ending: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Reader {
    /// Goes on until `good` says why it may not.
    async fn run(mut self, last: OwnedPermit<Bytes>, good: impl Future<Output = Code>) {
        let ending = self.ending.clone();
        let end = tokio::select! {
            biased;
            () = ending.cancelled() => End::Shutdown,
            code = good => End::Refused(code),
            end = self.pump() => end,
        };
        let reason = match end {
            End::Gone => return,
            End::TooSlow => {
                metrics::counter!("earshot_gateway_slow_readers_total").increment(1);
                Code::ReaderTooSlow.as_str()
            }
            End::Shutdown => "shutdown",
            End::Refused(code) => code.as_str(),
        };
        let data = json!({"reason": reason}).to_string();
        last.send(encode_frame(Some("end"), None, None, &data).into());
    }

    async fn pump(&mut self) -> End {
        let mut comments = interval_at(Instant::now() + self.comments, self.comments);
        comments.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first bytes tell the reader that it is heard from here on.
        let _ = self.sender.try_send(Bytes::from_static(COMMENT));
        loop {
            let ended = tokio::select! {
                biased;
                () = self.sender.closed() => return End::Gone,
                ended = self.ended.recv() => ended,
                _ = comments.tick() => {
                    // A full buffer keeps the connection open by itself.
                    let _ = self.sender.try_send(Bytes::from_static(COMMENT));
                    continue;
                }
            };
            let run = match ended {
                Ok(ended) if self.wanted.takes(&ended) => ended,
                Ok(_) => continue,
                Err(broadcast::error::RecvError::Lagged(_)) => return End::TooSlow,
                Err(broadcast::error::RecvError::Closed) => return End::Shutdown,
            };
            let id = run.run.run_id.to_string();
            let data = run_views::summary(&run.run).to_string();
            let event = encode_frame(Some("run"), Some(&id), None, &data);
            match timeout(self.stall, self.sender.send(event.into())).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return End::Gone,
                Err(_) => return End::TooSlow,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::{RequestId, RunId, WorkflowId};
    use shared::v1::run::RunMode;
    use shared::v1::run_log::RunSummary;
    use uuid::Uuid;

    use super::*;

    fn ended() -> Arc<RunEnded> {
        let run = RunSummary {
            run_id: RunId(Uuid::from_u128(1)),
            workflow_id: WorkflowId(Uuid::from_u128(2)),
            workflow: Some("orders".to_owned()),
            endpoint_id: EndpointId(Uuid::from_u128(3)),
            version: 1,
            mode: RunMode::Sync,
            state: RunState::Failed,
            trace_id: String::new(),
            request_id: RequestId(Uuid::nil()),
            attempt: 0,
            received_at_ms: 0,
            started_at_ms: 10,
            ended_at_ms: Some(20),
            method: "GET".to_owned(),
            status: None,
            steps: 0,
            error: None,
            replay_of: None,
            trigger: None,
        };
        let words = "connection refused".to_owned();
        Arc::new(RunEnded { run, words })
    }

    #[test]
    fn a_reader_hears_of_the_runs_that_pass_its_filters() {
        let named = |workflow: &str| Wanted {
            workflow: Some(workflow.to_owned()),
            ..Wanted::default()
        };
        let run = ended();
        let taken = [
            (Wanted::default(), true),
            (named("orders"), true),
            (named(&run.run.workflow_id.to_string()), true),
            (named("order"), false),
            (
                Wanted {
                    state: Some(RunState::Succeeded),
                    ..Wanted::default()
                },
                false,
            ),
            (
                Wanted {
                    from_ms: Some(10),
                    to_ms: Some(11),
                    words: vec!["refu".to_owned()],
                    ..Wanted::default()
                },
                true,
            ),
            (
                Wanted {
                    to_ms: Some(10),
                    ..Wanted::default()
                },
                false,
            ),
        ];
        for (wanted, takes) in taken {
            assert_eq!(wanted.takes(&run), takes, "{wanted:?}");
        }
    }

    #[tokio::test]
    async fn a_reader_that_is_too_slow_is_let_go_of_and_told_so() {
        let tail = Tail::default();
        let (sender, mut pieces) = channel(2);
        let last = sender.clone().try_reserve_owned().unwrap();
        let reader = Reader {
            ended: tail.ended.subscribe(),
            wanted: Wanted::default(),
            sender,
            stall: Duration::from_secs(3_600),
            comments: Duration::from_secs(3_600),
            ending: CancellationToken::new(),
            _place: tail.readers.clone().try_acquire_owned().unwrap(),
        };
        for _ in 0..=BEHIND {
            tail.ended.send(ended()).unwrap();
        }
        reader.run(last, std::future::pending()).await;
        let mut text = String::new();
        while let Some(piece) = pieces.recv().await {
            text.push_str(std::str::from_utf8(&piece).unwrap());
        }
        assert!(
            text.ends_with("event: end\ndata: {\"reason\":\"reader_too_slow\"}\n\n"),
            "{text}"
        );
        assert_eq!(tail.readers.available_permits(), READERS);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_checked_again_until_it_is_good_no_more() {
        let began = Instant::now();
        let code = checked(|| async move {
            match began.elapsed().as_secs() {
                18..30 => Err(Code::AuthUnavailable),
                0..58 => Ok(()),
                _ => Err(Code::Unauthenticated),
            }
        });
        assert_eq!(code.await, Code::Unauthenticated);
        assert_eq!(began.elapsed().as_secs(), 60);
        let code = checked(|| async { Err(Code::AuthUnavailable) });
        assert_eq!(code.await, Code::AuthUnavailable);
        assert_eq!(began.elapsed().as_secs(), 90);
    }
}
