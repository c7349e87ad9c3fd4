//! A request with an `Idempotency-Key`: run once, whichever gateway it comes to, and answered with the same reply.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use shared::codes::Code;
use shared::ids::RunId;
use shared::v1::idempotency::{KeyedRequest, KeyedState};
use shared::v1::run::{Received, RunMode};
use shared::v1::views::ReturnType;
use tokio::time::{Instant, sleep, timeout_at};
use uuid::Uuid;

use super::Leash;
use super::run::{Call, may_resend};
use crate::asked::Asked;
use crate::idempotency::{Claim, Key, Known, answered, replay};
use crate::limits::Place;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::reply::{self, Response, ResumeAt};
use crate::routes::Route;

/// How long a request waits for an equal one whose run has only to be stored.
const STORED_WITHIN: Duration = Duration::from_secs(10);

/// The first and the longest pause between two looks at a key.
const PAUSES: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(200));

/// How often it is asked whether a gateway is still at a request.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// For how long after it was made a run that may be stored can be stored again without being two, in milliseconds: the
/// stream tells equal ones for two minutes by its own clock.
const STORED_ONCE_FOR: i64 = 60_000;

/// A request that has passed every check and has a key.
pub(super) struct Keyed {
    pub(super) platform: Arc<Platform>,
    pub(super) asked: Asked,
    pub(super) route: Arc<Route>,
    pub(super) received: Received,
    pub(super) body: Bytes,
    pub(super) key: Key,
    /// What holds the caller.
    pub(super) leash: Leash,
}

/// What a claim gives the right to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// Run the request.
    Run,
    /// Wait for the reply of a run that is stored.
    Reply,
    /// Say that the run is lost, for good.
    Lost,
}

impl Keyed {
    /// Answers it. The place comes back with the reply.
    ///
    /// # Errors
    /// `idempotency_key_reused`, `idempotency_key_in_use`, `idempotency_reply_not_kept`, `bus_unavailable` where the key
    /// cannot be looked up, or what the run came to before it began.
    pub(super) async fn answer(self, place: Place) -> Result<(Response, Place), Problem> {
        let view = &self.route.view;
        if (view.run_mode, view.return_type) == (RunMode::Sync, ReturnType::Sse) {
            let detail = "a synchronous event stream cannot be given again, so it takes no Idempotency-Key: leave it out, or have the workflow run with run_mode async";
            return Err(Problem::new(Code::InvalidRequest, detail));
        }
        let fresh = self.claim(0, new_run(), KeyedState::Running).await?;
        if let Some(claim) = fresh {
            return self.run(claim, Start::Run, place).await;
        }
        let (end, mut pause) = (Instant::now() + self.patience(), PAUSES.0);
        let mut ask_at = Instant::now() + ASK_EVERY / 2;
        let mut waits = false;
        loop {
            let Known { request, revision } = self.platform.keys.look(&self.key).await?;
            let claimed = match request {
                // What was read may be behind: then the claim is refused.
                None if Instant::now() >= end => return Err(in_use()),
                None => {
                    let claim = self.claim(revision, new_run(), KeyedState::Running);
                    claim.await?.map(|claim| (claim, Start::Run))
                }
                Some((request, _)) if request.fingerprint != self.key.fingerprint => {
                    return Err(reused());
                }
                Some((request, body)) => {
                    if let Some(response) = self.given(&request, body).await {
                        return Ok((response?, place));
                    }
                    if Instant::now() >= end {
                        return Err(in_use().of_run(request.run_id));
                    }
                    if !waits {
                        waits = true;
                        self.say_that_it_waits(request.run_id);
                    }
                    if Instant::now() >= ask_at {
                        ask_at = Instant::now() + ASK_EVERY;
                        self.take_over(&request, revision, end).await?
                    } else {
                        None
                    }
                }
            };
            if let Some((claim, start)) = claimed {
                return self.run(claim, start, place).await;
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    fn say_that_it_waits(&self, run_id: RunId) {
        tracing::info!(
            request_id = %self.asked.id,
            endpoint_id = %self.route.view.endpoint_id,
            %run_id,
            "a request waits for the reply to an equal one"
        );
    }

    /// The reply that the first request got; none while it has none.
    async fn given(
        &self,
        request: &KeyedRequest,
        body: Bytes,
    ) -> Option<Result<Response, Problem>> {
        if request.state == KeyedState::Stream {
            let (at, leash) = (ResumeAt::start(request.run_id), self.leash.clone());
            let endpoint = self.route.view.endpoint_id;
            let stream = reply::resume(&self.platform, endpoint, at, leash).await;
            return Some(stream.map(replay));
        }
        answered(request, body)
    }

    /// Takes a request over that nobody is at any more. What follows from it: the run where it did not begin, or may be
    /// done again; the reply where the run is stored; else nothing but to say so.
    async fn take_over(
        &self,
        request: &KeyedRequest,
        revision: u64,
        end: Instant,
    ) -> Result<Option<(Claim, Start)>, Problem> {
        // A gateway that hangs lets a question wait.
        let abandoned = timeout_at(end, self.platform.keys.abandoned(request));
        if !abandoned.await.unwrap_or(false) {
            return Ok(None);
        }
        let mode = self.route.view.run_mode;
        let resend = may_resend(&self.route.view, &self.received.method);
        let (run_id, state, start) = match (&request.state, request.mode) {
            (KeyedState::Accepted, _) => (request.run_id, KeyedState::Accepted, Start::Reply),
            // Whether it was stored or not: the stream takes it once.
            (_, RunMode::Async) if mode == RunMode::Async && is_young(request.run_id) => {
                (request.run_id, KeyedState::Running, Start::Run)
            }
            (_, RunMode::Sync) if mode == RunMode::Sync && resend => {
                (new_run(), KeyedState::Running, Start::Run)
            }
            _ => (request.run_id, KeyedState::Running, Start::Lost),
        };
        let Some(mut claim) = self.claim(revision, run_id, state).await? else {
            return Ok(None);
        };
        metrics::counter!("earshot_gateway_keys_taken_over_total").increment(1);
        tracing::info!(%run_id, endpoint_id = %self.route.view.endpoint_id, "a request with a key was taken over");
        claim.taken_over = true;
        Ok(Some((claim, start)))
    }

    async fn claim(
        &self,
        after: u64,
        run_id: RunId,
        state: KeyedState,
    ) -> Result<Option<Claim>, Problem> {
        let view = &self.route.view;
        let run = (run_id, view.run_mode);
        let claim = self
            .platform
            .keys
            .claim(&self.key, after, run, state)
            .await?;
        Ok(claim.map(|mut claim| {
            claim.harmless =
                view.run_mode == RunMode::Sync && may_resend(view, &self.received.method);
            claim
        }))
    }

    /// Runs the request and keeps its reply. It goes on though its caller leaves, who may come again.
    async fn run(
        self,
        claim: Claim,
        start: Start,
        place: Place,
    ) -> Result<(Response, Place), Problem> {
        let tasks = self.platform.keys.tasks.clone();
        let running = tasks.spawn(async move { (self.carry_out(claim, start).await, place) });
        match running.await {
            Ok((response, place)) => response.map(|response| (response, place)),
            Err(error) => {
                tracing::error!(%error, "a request with a key broke off");
                Err(Problem::new(Code::Internal, "the request broke off"))
            }
        }
    }

    async fn carry_out(self, mut claim: Claim, start: Start) -> Result<Response, Problem> {
        let (platform, asked, route) = (&*self.platform, self.asked, &*self.route);
        let run_id = claim.run_id();
        let outcome = match start {
            Start::Lost => return claim.lose(&asked).await,
            Start::Reply => {
                let patience = Duration::from_millis(route.view.continue_timeout_ms);
                let endpoint = route.view.endpoint_id;
                reply::kept_within(platform, &asked, run_id, endpoint, patience).await
            }
            Start::Run => {
                let call = Call {
                    platform,
                    asked: &asked,
                    route,
                    received: self.received,
                    body: self.body,
                    run_id,
                    resume_at: None,
                    leash: self.leash,
                };
                call.answer(Some(&mut claim)).await
            }
        };
        claim.settle(&asked, outcome).await
    }

    /// How long to wait for the reply to an equal request.
    fn patience(&self) -> Duration {
        let view = &self.route.view;
        match (view.run_mode, view.return_type) {
            (RunMode::Sync, _) => Duration::from_millis(view.sync_timeout_ms),
            (RunMode::Async, ReturnType::Continue) => {
                Duration::from_millis(view.continue_timeout_ms)
            }
            (RunMode::Async, _) => STORED_WITHIN,
        }
    }
}

fn new_run() -> RunId {
    RunId(Uuid::now_v7())
}

/// Whether a run was made so recently that storing it twice stores it once.
fn is_young(run_id: RunId) -> bool {
    let made = run_id.0.get_timestamp().map(|made| made.to_unix());
    let made = made.and_then(|(seconds, nanos)| {
        let seconds = i64::try_from(seconds).ok()?.checked_mul(1_000)?;
        seconds.checked_add(i64::from(nanos / 1_000_000))
    });
    made.is_some_and(|made| (ops::clock::now_ms() - made).abs() < STORED_ONCE_FOR)
}

fn reused() -> Problem {
    let detail = "this Idempotency-Key stands for a request with another method, query, content type or body: use a new key for a new request";
    Problem::new(Code::IdempotencyKeyReused, detail)
}

fn in_use() -> Problem {
    let detail = "the first request with this Idempotency-Key is not answered yet: try again";
    Problem::new(Code::IdempotencyKeyInUse, detail)
}

#[cfg(test)]
mod tests;
