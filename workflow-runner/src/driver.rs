//! Drives the machine of one run: performs what it asks for and tells it what came of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use ops::offload::Place;
use shared::codes::Code;
use shared::limits::stream_cost;
use shared::v1::reply::{Failure, Outcome};
use shared::v1::run::{RunMode, RunRequest};
use shared::v1::views::ReturnType;
use tokio::time::{Instant, sleep_until, timeout};
use workflow::machine::{Effect, Event, FrameOut, HttpRequest, Level, Machine, Plan, StepOutcome};

use crate::held::Hold;
use crate::outbox::Outbox;
use crate::run_log::Recorder;
use crate::service::Shared;

/// How long a run waits for credit before it takes its reader for gone.
const CREDIT_PATIENCE: Duration = Duration::from_secs(60);

/// One run at work.
pub(crate) struct Driver<'a> {
    runner: Arc<Shared>,
    request: &'a RunRequest,
    plan: Arc<Plan>,
    place: Arc<Place>,
    hold: Arc<Hold>,
    outbox: Outbox,
    recorder: Recorder,
    calls: FuturesUnordered<BoxFuture<'static, Event>>,
    /// Requests that ended while the run was at something else.
    ended: VecDeque<Event>,
    ends_at: Instant,
    replied: bool,
    refused: bool,
    reader_gone: bool,
    failure: Option<String>,
}

impl<'a> Driver<'a> {
    /// A driver for a run of this plan, whose heavy scripts go to `place`.
    pub(crate) fn new(
        runner: Arc<Shared>,
        request: &'a RunRequest,
        plan: Arc<Plan>,
        place: Arc<Place>,
        hold: Arc<Hold>,
        outbox: Outbox,
        recorder: Recorder,
    ) -> Self {
        Self {
            ends_at: Instant::now() + Duration::from_secs(runner.config.run_seconds),
            runner,
            request,
            plan,
            place,
            hold,
            outbox,
            recorder,
            calls: FuturesUnordered::new(),
            ended: VecDeque::new(),
            replied: false,
            refused: false,
            reader_gone: false,
            failure: None,
        }
    }

    /// Drives a machine that has just started to its end.
    pub(crate) async fn drive(&mut self, mut machine: Machine, mut effects: Vec<Effect>) {
        loop {
            for effect in effects {
                if let Some(outcome) = self.perform(effect).await {
                    return self.finish(outcome).await;
                }
            }
            let event = if machine.has_work() {
                // Short runs never come here; long ones let others have a turn.
                tokio::task::yield_now().await;
                self.interruption()
                    .or_else(|| next_of(&mut self.ended, &mut self.calls).now_or_never())
                    .unwrap_or(Event::GoOn)
            } else {
                self.next_event().await
            };
            self.place.enter().await;
            self.recorder.event(&event);
            effects = machine.handle(event, self.runner.now());
            self.place.leave();
        }
    }

    /// What ends a run that still has work to do.
    fn interruption(&mut self) -> Option<Event> {
        if Instant::now() >= self.ends_at {
            return Some(self.took_too_long());
        }
        self.hold.cancel.is_cancelled().then_some(Event::Cancel)
    }

    fn took_too_long(&mut self) -> Event {
        tracing::warn!("the run took too long and was stopped");
        self.failure = Some("the run took longer than the operator allows".to_owned());
        Event::Cancel
    }

    async fn next_event(&mut self) -> Event {
        let hold = self.hold.clone();
        tokio::select! {
            biased;
            () = hold.cancel.cancelled() => Event::Cancel,
            event = next_of(&mut self.ended, &mut self.calls) => event,
            // Nothing has come; the run log is told with it.
            () = until(self.recorder.due()) => Event::GoOn,
            () = sleep_until(self.ends_at) => self.took_too_long(),
        }
    }

    /// Performs an effect; the outcome where it was the last.
    async fn perform(&mut self, effect: Effect) -> Option<Outcome> {
        self.recorder.effect(&effect);
        match effect {
            Effect::Http { step, request } => self.call(step, request),
            Effect::Log {
                step,
                level,
                message,
            } => log(step.as_deref(), level, &message),
            Effect::Evaluated(_) => {}
            Effect::Undefined { step, names, .. } => {
                tracing::warn!(
                    step,
                    ?names,
                    "scripts printed values that nothing has defined"
                );
            }
            Effect::StepFinished { step, outcome } => self.step_finished(&step, outcome),
            Effect::Reply(reply) => {
                self.replied = true;
                self.outbox.answer(reply).await;
            }
            Effect::ReplyRefused => self.refused = true,
            Effect::Frame(frame) => self.frame(frame).await,
            Effect::Finished(outcome) => return Some(outcome),
        }
        None
    }

    fn step_finished(&mut self, step: &str, outcome: StepOutcome) {
        match outcome {
            StepOutcome::Succeeded => tracing::debug!(step, "the step succeeded"),
            StepOutcome::Failed {
                error,
                handled: true,
            } => {
                tracing::info!(
                    step,
                    error,
                    "the step failed, and the workflow handles that"
                );
            }
            StepOutcome::Failed {
                error,
                handled: false,
            } => {
                tracing::warn!(step, error, "the step failed");
                self.failure = Some(format!("step {step}: {error}"));
            }
        }
    }

    fn call(&mut self, step: usize, mut request: HttpRequest) {
        let client = self.runner.http.clone();
        let own = request
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("traceparent"));
        if !own {
            let span_id = self.runner.seed(self.request.run_id) ^ step as u64;
            let trace = self.request.trace.child(span_id);
            request
                .headers
                .push(("traceparent".to_owned(), trace.to_string()));
        }
        self.calls.push(Box::pin(async move {
            let result = client.fetch(&request).await;
            Event::HttpDone { step, result }
        }));
    }

    /// Sends a frame as soon as the reader has room for it.
    async fn frame(&mut self, frame: FrameOut) {
        let waited_for = self.request.reply_to.is_some() && !self.reader_gone;
        if waited_for {
            let hold = self.hold.clone();
            let cost = stream_cost(frame.data.len());
            let credit = async {
                tokio::select! {
                    biased;
                    () = hold.cancel.cancelled() => false,
                    permit = hold.credit.acquire_many(cost) => {
                        permit.map(tokio::sync::SemaphorePermit::forget).is_ok()
                    }
                }
            };
            let credit = timeout(CREDIT_PATIENCE, credit);
            // The run's requests go on meanwhile.
            tokio::pin!(credit);
            self.reader_gone = loop {
                tokio::select! {
                    biased;
                    given = &mut credit => break !given.unwrap_or(false),
                    Some(event) = self.calls.next() => self.ended.push_back(event),
                }
            };
        }
        if !self.reader_gone || self.request.mode == RunMode::Async {
            self.outbox.frame(frame).await;
        }
    }

    async fn finish(&mut self, outcome: Outcome) {
        tracing::info!(outcome = label(outcome), "run");
        self.recorder.end(outcome, self.failure.as_deref());
        metrics::counter!("earshot_runner_runs_total", "outcome" => label(outcome)).increment(1);
        let silent = !self.replied && self.plan.return_type() != ReturnType::Sse;
        if silent && outcome != Outcome::Succeeded {
            let why = self
                .failure
                .take()
                .unwrap_or_else(|| "the run failed".to_owned());
            tracing::info!(reason = why, "the run failed before its reply");
            return self.outbox.fail(self.silence()).await;
        }
        self.outbox.end(outcome, self.replied).await;
    }

    /// What the caller of a run that failed before its reply is told. What failed may name the author's hosts or data:
    /// that is for the run log alone.
    fn silence(&self) -> Failure {
        if self.refused {
            let detail = "the reply that the workflow makes cannot be sent";
            return Failure::new(Code::ReplyRefused, detail);
        }
        let detail = "the run failed before it replied; the run log has the reason";
        Failure::new(Code::RunFailed, detail)
    }
}

/// The next request that has ended; waits where none is under way.
async fn next_of(
    ended: &mut VecDeque<Event>,
    calls: &mut FuturesUnordered<BoxFuture<'static, Event>>,
) -> Event {
    if let Some(event) = ended.pop_front() {
        return event;
    }
    match calls.next().await {
        Some(event) => event,
        None => std::future::pending().await,
    }
}

/// Waits for a moment, where there is one to wait for.
async fn until(moment: Option<std::time::Instant>) {
    match moment {
        Some(moment) => sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}

const fn label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Failed => "failed",
        Outcome::Cancelled => "cancelled",
    }
}

fn log(step: Option<&str>, level: Level, message: &str) {
    match level {
        Level::Debug => tracing::debug!(step, "{message}"),
        Level::Info => tracing::info!(step, "{message}"),
        Level::Warn => tracing::warn!(step, "{message}"),
        Level::Error => tracing::error!(step, "{message}"),
    }
}
