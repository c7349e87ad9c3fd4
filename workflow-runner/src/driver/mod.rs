//! Drives the machine of one run: performs what it asks for and tells it what came of it.

mod caller;
mod diary;
mod links;
mod stand_in;
mod waits;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use jiff::Timestamp;
use ops::offload::Place;
use script::Secrets;
use shared::codes::Code;
use shared::limits::stream_cost;
use shared::v1::journal::Fact;
use shared::v1::letters::LetterKey;
use shared::v1::reply::{Failure, Outcome};
use shared::v1::run::{RunMode, RunRequest};
use shared::v1::views::ReturnType;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use workflow::machine::{
    Effect, Errand, Event, FrameOut, HttpRequest, Machine, Plan, Spot, StepOutcome,
};
use workflow::reply::Reply;

pub(crate) use self::caller::{Ending, tell};
use self::diary::{TAKEN_OVER, holds};
use self::links::Links;
use self::waits::Waits;
use crate::errands::{self, Of};
use crate::held::Hold;
use crate::journal::{Journal, Lost};
use crate::lines::log;
use crate::outbox::Outbox;
use crate::run_log::Recorder;
use crate::service::Shared;

pub(crate) use stand_in::{StandIn, unavailable};

/// How long a run waits for credit before it takes its reader for gone.
const CREDIT_PATIENCE: Duration = Duration::from_secs(60);

/// How far a run was driven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Driven {
    /// To its end.
    Over,
    /// To where it does nothing but wait for this moment, or for the letters with these keys.
    Waiting(Timestamp, Vec<LetterKey>),
}

/// One run at work.
pub(crate) struct Driver<'a> {
    runner: Arc<Shared>,
    request: &'a RunRequest,
    plan: Arc<Plan>,
    place: Arc<Place>,
    hold: Arc<Hold>,
    outbox: Outbox,
    /// When the run was started, in its own time.
    started: Timestamp,
    /// Asynchronous runs have one.
    journal: Option<Journal>,
    /// What must not be seen in what is logged.
    secrets: Option<Arc<Secrets>>,
    /// Takes notes for the run log.
    recorder: Recorder,
    /// What answers in the place of what is outside.
    stand_in: Option<StandIn>,
    calls: FuturesUnordered<BoxFuture<'static, Event>>,
    /// The moments that steps wait for.
    moments: BTreeMap<Spot, Timestamp>,
    /// The resume URLs that it made.
    links: Links,
    /// The letters that steps wait for.
    waits: Waits,
    /// What it replied, where another run waits for that.
    reply: Option<Reply>,
    /// Requests that ended while the run was at something else.
    ended: VecDeque<Event>,
    ends_at: Instant,
    replied: bool,
    refused: bool,
    reader_gone: bool,
    failure: Option<String>,
}

impl<'a> Driver<'a> {
    /// A driver for a run of this plan that was started at `started`, whose heavy scripts go to `place`.
    pub(crate) fn new(
        runner: Arc<Shared>,
        request: &'a RunRequest,
        version: Arc<Plan>,
        place: Arc<Place>,
        hold: Arc<Hold>,
        outbox: Outbox,
        started: Timestamp,
    ) -> Self {
        Self {
            ends_at: Instant::now() + Duration::from_secs(runner.config.run_seconds),
            runner,
            request,
            plan: version,
            place,
            hold,
            outbox,
            started,
            journal: None,
            secrets: None,
            recorder: Recorder::none(),
            stand_in: None,
            calls: FuturesUnordered::new(),
            moments: BTreeMap::new(),
            links: Links::default(),
            waits: Waits::default(),
            reply: None,
            ended: VecDeque::new(),
            replied: false,
            refused: false,
            reader_gone: false,
            failure: None,
        }
    }

    /// The same with a journal: nothing is done that does not stand in it.
    pub(crate) fn journalled(self, journal: Option<Journal>) -> Self {
        Self { journal, ..self }
    }

    /// The same with what must not be seen in what is logged.
    pub(crate) fn masking(self, secrets: Option<Arc<Secrets>>) -> Self {
        Self { secrets, ..self }
    }

    /// The same with one who takes notes.
    pub(crate) fn recorded(self, recorder: Recorder) -> Self {
        Self { recorder, ..self }
    }

    /// Drives a machine to its end, or to where it waits for long.
    ///
    /// # Errors
    /// [`Lost`] where the run is no longer this runner's.
    pub(crate) async fn drive(
        &mut self,
        mut machine: Machine,
        mut effects: Vec<Effect>,
    ) -> Result<Driven, Lost> {
        let mut stopped = self.hold.cancel.is_cancelled();
        loop {
            for effect in effects {
                if stopped && effect.waiting().is_some() {
                    // What it would wait for is not begun any more.
                    continue;
                }
                self.begin(&effect, machine.begun()).await?;
                let outcome = self.perform(effect).await;
                self.kept()?;
                if let Some(outcome) = outcome {
                    if self.request.caller.is_some() {
                        Box::pin(self.tell_caller(outcome)).await?;
                    }
                    self.finish(outcome).await;
                    if self.journal.is_none() && self.plan.awaits() {
                        Box::pin(self.close_all()).await;
                    }
                    self.kept()?;
                    self.mark_end(outcome, machine.begun()).await?;
                    return Ok(Driven::Over);
                }
            }
            if let Some(moment) = self.long_wait(&machine) {
                self.recorder.waits();
                self.mark(Fact::Parked, machine.begun()).await?;
                return Ok(Driven::Waiting(moment, self.waits.keys()));
            }
            let event = match stopped {
                true => Some(Event::Cancel),
                false => self.next(&machine).await,
            };
            stopped = false;
            effects = if let Some(event) = event {
                if let Event::Due { step } = &event {
                    self.moments.remove(step);
                }
                let now = self.runner.now();
                let event = self.note(event, now, machine.begun()).await?;
                self.spend(&event);
                self.hide_link(&event);
                self.hear(&event);
                self.place.enter().await;
                machine.handle(event, now)
            } else {
                self.place.enter().await;
                machine.go_on()
            };
            self.place.leave();
        }
    }

    /// The next event; none where there is work that needs none, or the run may leave its runner. Work comes first: what a
    /// run does must not depend on when a response comes.
    async fn next(&mut self, machine: &Machine) -> Option<Event> {
        if machine.has_work() {
            // Short runs never come here; long ones let others have a turn.
            tokio::task::yield_now().await;
            // Requests go on meanwhile.
            while let Some(Some(event)) = self.calls.next().now_or_never() {
                self.ended.push_back(event);
            }
            return self.interruption();
        }
        self.next_event().await
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

    /// None where something was done about letters, after which the run may leave.
    async fn next_event(&mut self) -> Option<Event> {
        let hold = self.hold.clone();
        loop {
            let letters = self.waits.due(self.runner.now());
            tokio::select! {
                biased;
                () = hold.cancel.cancelled() => return Some(Event::Cancel),
                event = next_of(&mut self.ended, &mut self.calls) => return Some(event),
                () = hold.letters.notified() => {
                    Box::pin(self.see_to_letters(true)).await;
                    return self.ended.pop_front();
                }
                () = until(letters.map(Into::into)) => {
                    Box::pin(self.see_to_letters(false)).await;
                    return self.ended.pop_front();
                }
                () = until(self.recorder.due()) => self.recorder.still_running(),
                () = sleep_until(self.ends_at) => return Some(self.took_too_long()),
            }
        }
    }

    /// Performs an effect; the outcome where it was the last.
    async fn perform(&mut self, effect: Effect) -> Option<Outcome> {
        self.recorder.effect(&effect);
        self.note_link(&effect);
        match effect {
            Effect::Http { step, .. } if self.stand_in.is_some() => self.call_record(step),
            Effect::Ask { step, .. } if self.stand_in.is_some() => self.ask_record(step),
            Effect::Await { step, .. } if self.stand_in.is_some() => self.await_record(step),
            Effect::Http { step, request } => self.call(step, request),
            Effect::Ask { step, errand } => self.ask(step, errand),
            Effect::Wake { step, at } => self.wake(step, at),
            Effect::Await {
                step,
                place,
                until,
                soon,
            } => Box::pin(self.await_letter(step, &place, until, soon)).await,
            Effect::Log {
                step,
                level,
                message,
            } => log(step.as_deref(), level, &self.masked(message)),
            Effect::Evaluated(_) | Effect::Came { .. } => {}
            Effect::Undefined { step, names, .. } => {
                tracing::warn!(
                    step,
                    ?names,
                    "scripts printed values that nothing has defined"
                );
            }
            Effect::StepFinished { spot, outcome, .. } => self.step_finished(spot, &outcome),
            Effect::Reply(reply) => {
                self.replied = true;
                self.keep_reply(&reply);
                self.outbox.answer(reply).await;
            }
            Effect::ReplyRefused => self.refused = true,
            Effect::Frame(frame) => self.frame(frame).await,
            Effect::Finished(outcome) => return Some(outcome),
        }
        None
    }

    /// A text without the secrets of the run: an author may log one, and an error may quote one.
    fn masked(&self, text: String) -> String {
        match &self.secrets {
            Some(secrets) => secrets.mask(&text).into_owned(),
            None => text,
        }
    }

    fn step_finished(&mut self, spot: Spot, outcome: &StepOutcome) {
        let step = self.plan.name(spot);
        self.keep_failure(spot, outcome);
        match outcome {
            StepOutcome::Succeeded => tracing::debug!(step, "the step succeeded"),
            StepOutcome::Failed {
                error,
                handled: true,
            } => {
                let error = self.masked(error.clone());
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
                let error = self.masked(error.clone());
                tracing::warn!(step, error, "the step failed");
            }
        }
    }

    /// Keeps what fails the run. What fails in a turn fails no more than the turn.
    fn keep_failure(&mut self, spot: Spot, outcome: &StepOutcome) {
        if let StepOutcome::Failed {
            error,
            handled: false,
        } = outcome
            && spot.turn.is_root()
        {
            let step = self.plan.name(spot);
            let error = self.masked(error.clone());
            self.failure = Some(format!("step {step}: {error}"));
        }
    }

    fn call(&mut self, step: Spot, mut request: HttpRequest) {
        let client = self.runner.http.clone();
        if ops::planted("key-by-attempt") {
            let keys = request.headers.iter_mut();
            for (_, key) in keys.filter(|(name, _)| name == "idempotency-key") {
                key.push_str(&format!("-{}", self.request.attempt));
            }
        }
        let own = request
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("traceparent"));
        if !own {
            let span_id = self.runner.seed(self.request.run_id) ^ step.number();
            let trace = self.request.trace.child(span_id);
            request
                .headers
                .push(("traceparent".to_owned(), trace.to_string()));
        }
        let fence = self.fence();
        self.calls.push(Box::pin(async move {
            let result = if holds(fence).await {
                client.fetch(&request).await
            } else {
                Err(TAKEN_OVER.to_owned())
            };
            Event::HttpDone { step, result }
        }));
    }

    fn ask(&mut self, step: Spot, errand: Errand) {
        let runner = self.runner.clone();
        let of = Of::run(
            self.request,
            self.runner.seed(self.request.run_id) ^ step.number(),
        );
        let fence = self.fence();
        self.calls.push(Box::pin(async move {
            let answer = if holds(fence).await {
                errands::carry_out(&runner, &of, &errand).await
            } else {
                Err(TAKEN_OVER.to_owned())
            };
            Event::Answer { step, answer }
        }));
    }

    /// Waits for a moment, beside all that is under way.
    fn wake(&mut self, step: Spot, at: Timestamp) {
        let now = self.runner.now();
        let left = Duration::try_from(at.duration_since(now)).unwrap_or_default();
        self.moments.insert(step, at);
        self.calls.push(Box::pin(async move {
            sleep(left).await;
            Event::Due { step }
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
        tracing::info!(outcome = outcome.as_str(), "run");
        self.recorder.end(outcome, self.failure.as_deref());
        metrics::counter!("earshot_runner_runs_total", "outcome" => outcome.as_str()).increment(1);
        let silent = !self.replied && self.plan.return_type() != Some(ReturnType::Sse);
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
