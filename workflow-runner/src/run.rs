//! One run, from the wire to its end.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use ops::offload::Place;
use script::{Interrupt, Offload, Secrets};
use shared::codes::Code;
use shared::rpc::Context;
use shared::v1::journal::Fact;
use shared::v1::letters::LetterKey;
use shared::v1::reply::{Failure, Outcome};
use shared::v1::run::{RunMode, RunRequest};
use shared::v1::views::ReturnType;
use tracing::Instrument;
use workflow::data::Data;
use workflow::machine::{Diverged, Effect, Machine, Past, Plan, Replay, RunFacts, Told};
use workflow::template::Surroundings;

use crate::documents::Version;
use crate::driver::{self, Driven, Driver, Ending, StandIn, tell};
use crate::fence::Fence;
use crate::held::Hold;
use crate::journal::{Journal, Lost, ReadError};
use crate::outbox::Outbox;
use crate::run_log::Recorder;
use crate::secrets;
use crate::service::Shared;
use crate::trial;

/// A body beyond this takes so long to read that no other run is to wait in the meantime, in bytes.
const LARGE: usize = 64 * 1024;

/// Whether a run has come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Carried {
    /// It has, well or badly.
    Out {
        /// Whether it left a journal.
        journal: bool,
        /// Whether it may have letters.
        letters: bool,
    },
    /// It was accepted and has not gone on: its version or its journal cannot be read at the moment, or a runner that is
    /// alive still has it.
    NotYet,
    /// It does nothing but wait for this moment, or for letters.
    Waits {
        /// In milliseconds since the Unix epoch.
        until_ms: i64,
        /// The keys of the letters.
        awaits: Vec<LetterKey>,
    },
    /// The queue took it for a run that was never handed out, but it has a journal to go on from.
    Again,
    /// Another attempt goes on with it.
    Left,
    /// It cannot be carried out, and is put aside for a person to look at.
    Dead {
        /// How many attempts in a row came no step further.
        attempts: u32,
        /// Why, a sentence for people.
        reason: String,
    },
}

const OUT: Carried = Carried::Out {
    journal: false,
    letters: false,
};

/// Carries a run out to its end. Whatever goes wrong is told to whoever waits for the run.
pub(crate) async fn run(runner: Arc<Shared>, request: RunRequest, body: Bytes) -> Carried {
    // Of the level of an error, so that every line under it names the run, however little is logged.
    let span = tracing::error_span!(
        "run",
        trace_id = %request.trace.trace_id_text(),
        request_id = %request.request_id,
        run_id = %request.run_id,
        endpoint_id = %request.endpoint_id,
        attempt = request.attempt,
    );
    carry_out(runner, request, body).instrument(span).await
}

async fn carry_out(runner: Arc<Shared>, request: RunRequest, body: Bytes) -> Carried {
    let now = ops::clock::now_ms();
    if request.mode == RunMode::Sync && request.deadline_ms < now {
        metrics::counter!("earshot_runner_expired_runs_total").increment(1);
        return OUT;
    }
    if request.mode == RunMode::Async && runner.held.find(request.run_id).is_some() {
        tracing::info!("the queue handed out a run that is still at work here");
        return Carried::NotYet;
    }
    // From here on who asks is told that the run is here.
    let holding = runner.held.hold(request.run_id, request.credit);
    if is_stopped(&runner, &request).await {
        holding.hold.cancel.cancel();
    }
    let context = Context {
        trace: request.trace,
        request_id: request.request_id,
        deadline_ms: now,
    };
    let (version, secrets, stand_in) = match prepare(&runner, &request, context).await {
        Ok(ready) => ready,
        Err((failure, _)) if request.mode == RunMode::Async => {
            tracing::error!(code = %failure.code, "the run waits: {}", failure.detail);
            return Carried::NotYet;
        }
        Err((failure, version)) => {
            tracing::error!(code = %failure.code, "the run cannot begin: {}", failure.detail);
            let plan = version.as_ref().map(|version| version.plan.as_ref());
            Recorder::refused(&runner.run_log, &request, plan, &failure.detail);
            let mut outbox = outbox(&runner, &request, Some(ReturnType::Continue));
            outbox.fail(failure).await;
            return OUT;
        }
    };
    let mut outbox = outbox(&runner, &request, version.plan.return_type());
    if body.len() > LARGE {
        tokio::task::yield_now().await;
    }
    let mut recorder = Recorder::begin(&runner.run_log, &request, &body, &version.plan);
    recorder.hide(secrets.as_ref());
    match Data::from_run(&request, body) {
        Ok(data) => {
            if version.plan.return_type() == Some(ReturnType::Sse) {
                outbox.open(Vec::new()).await;
            }
            let hold = holding.hold.clone();
            begin(
                runner,
                &request,
                version,
                secrets,
                hold,
                (outbox, recorder, stand_in),
                data,
            )
            .await
        }
        Err(problem) => {
            recorder.end(Outcome::Failed, Some(&problem.to_string()));
            let failure = Failure::new(Code::MalformedBody, problem.to_string());
            outbox.fail(failure).await;
            if tell_of_failure(&runner, &request, problem.to_string()).await {
                OUT
            } else {
                Carried::NotYet
            }
        }
    }
}

/// Tells the run that called one which could not begin; whether it knows, or there is none.
async fn tell_of_failure(runner: &Shared, request: &RunRequest, error: String) -> bool {
    let Some(caller) = &request.caller else {
        return true;
    };
    let ending = Ending {
        outcome: Some(Outcome::Failed),
        error: Some(error),
        reply: None,
    };
    tell(&runner.letters, request.run_id, caller, ending).await
}

/// Whether an operator stopped the run before it was taken up. One that was parked is asked about for certain: the letter
/// may be what let it go on.
async fn is_stopped(runner: &Shared, request: &RunRequest) -> bool {
    if runner.cancelled.has(request.run_id) {
        return true;
    }
    if !request.resumed {
        return false;
    }
    let cancel = LetterKey::cancel();
    let found = runner.letters.get(request.run_id, &cancel).await;
    matches!(found, Ok(Some(_)))
}

/// A version, the secrets that its scripts use, and what answers in the place of what is outside.
type Ready = (Arc<Version>, Option<Arc<Secrets>>, Option<StandIn>);

/// What a run needs before it can begin. A failure comes with the
/// version where that could be had.
async fn prepare(
    runner: &Shared,
    request: &RunRequest,
    context: Context,
) -> Result<Ready, (Failure, Option<Arc<Version>>)> {
    let trial = request.trial.as_deref();
    let hash = request.content_hash;
    let version = match trial.and_then(|trial| trial.document.as_deref()) {
        Some(document) => runner.documents.brought(hash, document),
        None => runner.documents.version(hash, context).await,
    };
    let version = version.map_err(|failure| (failure, None))?;
    let secrets = match secrets::of_run(runner, &version.plan, context).await {
        Ok(secrets) => secrets,
        Err(failure) => return Err((failure, Some(version))),
    };
    let Some(recorded) = trial.and_then(|trial| trial.recorded) else {
        return Ok((version, secrets, None));
    };
    match StandIn::fetch(runner, context, recorded).await {
        Ok(stand_in) => Ok((version, secrets, Some(stand_in))),
        Err(error) => Err((driver::unavailable(error), Some(version))),
    }
}

fn outbox(runner: &Shared, request: &RunRequest, return_type: Option<ReturnType>) -> Outbox {
    let (bus, replies) = (runner.bus.clone(), runner.replies.clone());
    Outbox::new(bus, replies, request, return_type)
}

/// Starts the machine, or brings it to where an earlier attempt left it, and drives it to its end.
async fn begin(
    runner: Arc<Shared>,
    request: &RunRequest,
    version: Arc<Version>,
    secrets: Option<Arc<Secrets>>,
    hold: Arc<Hold>,
    (outbox, mut recorder, stand_in): (Outbox, Recorder, Option<StandIn>),
    data: Data,
) -> Carried {
    let plan = version.plan.clone();
    let (journal, past) = match Box::pin(open_journal(&runner, request, &plan)).await {
        Ok(opened) => opened,
        Err(carried) => {
            if let Carried::Dead { reason, .. } = &carried {
                recorder.dead(reason);
            }
            return carried;
        }
    };
    let started = past.started.unwrap_or_else(|| runner.now());
    let attempts = past.fruitless;
    let place = Arc::new(Place::new(runner.offloader.clone(), version.heavy.clone()));
    let facts = facts(
        &runner,
        request,
        (started, recorder.records()),
        (secrets.as_ref(), stand_in.is_some()),
        &place,
    );
    place.enter().await;
    trial::begin(&mut recorder, request, &plan, &data, &facts.surroundings);
    let stopped = hold.cancel.is_cancelled();
    let (stop, awaits) = (hold.cancel.clone(), plan.awaits());
    let sweeper = runner.sweeper.clone();
    let mut driver = Driver::new(
        runner,
        request,
        plan.clone(),
        place.clone(),
        hold,
        outbox,
        started,
    )
    .journalled(journal)
    .masking(secrets)
    .recorded(recorder)
    .standing_in(stand_in);
    let begun = if stopped && past.started.is_none() {
        Ok(Machine::never_begun(plan, data, facts))
    } else if past.told.is_empty() {
        Ok(Machine::start(plan, data, facts))
    } else {
        replay(Replay::begin(plan, data, facts), past.told, &mut driver)
    };
    place.leave();
    let ended = match begun {
        Ok((machine, effects)) => driver.drive(machine, effects).await,
        Err(diverged) => {
            let reason = diverged.to_string();
            driver.put_aside(&reason);
            return Carried::Dead { attempts, reason };
        }
    };
    // The word to stop is a letter, too, whenever it came.
    let (journal, letters) = (driver.has_journal(), awaits || stop.is_cancelled());
    if letters && request.mode == RunMode::Sync && ended.is_ok() {
        sweeper.ended(request.run_id, true);
    }
    carried(ended, request, (journal, letters))
}

/// What is to become of the run's job. Whether the run has a journal, and whether it may have letters.
fn carried(
    ended: Result<Driven, Lost>,
    request: &RunRequest,
    (journal, letters): (bool, bool),
) -> Carried {
    match ended {
        Ok(Driven::Over) => Carried::Out { journal, letters },
        Ok(Driven::Waiting(until, awaits)) => Carried::Waits {
            until_ms: until.as_millisecond(),
            awaits,
        },
        Err(Lost::Outdated) if request.attempt == 0 && !journal => Carried::Again,
        Err(lost) => {
            tracing::warn!(error = %lost, "the run is left to another attempt");
            Carried::Left
        }
    }
}

/// What a run is given besides its version and its data.
fn facts(
    runner: &Shared,
    request: &RunRequest,
    (started, recorded): (Timestamp, bool),
    (secrets, hurried): (Option<&Arc<Secrets>>, bool),
    place: &Arc<Place>,
) -> RunFacts {
    let mut surroundings = Surroundings::new(started, runner.seed(request.run_id));
    surroundings.bounds = runner.config.bounds();
    surroundings.variables = runner.variables.now();
    surroundings.secrets = secrets.cloned();
    surroundings.recorded = recorded;
    surroundings.offload = Some(Offload::new({
        let place = place.clone();
        move |work| place.carry(|over, bound| work(Interrupt::new(over, bound)))
    }));
    RunFacts {
        run_id: request.run_id,
        surroundings,
        hurried,
        called: request.caller.is_some(),
    }
}

/// The journal of an asynchronous run and what it tells. One that was handed out before is taken over: what an outdated
/// attempt comes to from here on is refused.
async fn open_journal(
    runner: &Shared,
    request: &RunRequest,
    plan: &Plan,
) -> Result<(Option<Journal>, Past), Carried> {
    if request.mode == RunMode::Sync {
        return Ok((None, Past::default()));
    }
    let fence = Fence::new(runner, request.run_id);
    if request.attempt == 0 {
        return Ok((Some(Journal::new(fence)), Past::default()));
    }
    let read = Journal::read(fence, plan).await;
    let (mut journal, mut past) = read.map_err(|error| unreadable(&error))?;
    let again = request.restart > past.restarted;
    if !again && (past.ended || request.resumed && past.started.is_none()) {
        tracing::info!("the job came again, and the run has ended");
        return Err(Carried::Out {
            journal: past.ended,
            letters: plan.awaits(),
        });
    }
    if again {
        past = Past::default();
    }
    let attempts = past.fruitless.saturating_sub(request.pardoned);
    if attempts >= runner.config.max_attempts {
        let reason = format!("{attempts} attempts in a row came no step further");
        let attempts = past.fruitless;
        return Err(Carried::Dead { attempts, reason });
    }
    if journal.is_in_good_hands().await {
        tracing::info!("the run is left to the runner that still has it");
        return Err(Carried::NotYet);
    }
    if again && plan.awaits() {
        // What came to the run in its earlier life is not for this one.
        let cleared = runner.letters.clear(request.run_id).await;
        cleared.map_err(|error| {
            tracing::warn!(%error, "the run cannot begin again yet");
            Carried::NotYet
        })?;
    }
    let attempt = request.attempt;
    let fact = match request.restart {
        of if again => Fact::Restarted { of },
        _ => Fact::Taken { attempt },
    };
    let taken = journal.write(fact, &[], runner.now(), 0);
    taken.await.map_err(|error| {
        tracing::warn!(%error, "the run could not be taken over");
        Carried::Left
    })?;
    let entries = past.told.len();
    tracing::info!(entries, "the run goes on where an earlier attempt left it");
    Ok((Some(journal), past))
}

/// A journal that is none of this version's never will be; one that cannot be read may be in a moment.
fn unreadable(error: &ReadError) -> Carried {
    if let ReadError::Ledger(error) = error {
        let reason = format!("its journal cannot be taken up: {error}");
        let attempts = 1;
        return Carried::Dead { attempts, reason };
    }
    tracing::error!(%error, "the run waits, since its journal cannot be taken up");
    Carried::NotYet
}

fn replay(
    mut replay: Replay,
    past: Vec<Told>,
    driver: &mut Driver<'_>,
) -> Result<(Machine, Vec<Effect>), Diverged> {
    for told in past {
        let event = told.event.clone();
        for effect in replay.tell(told)? {
            driver.recall(&effect);
        }
        driver.hear_again(&event);
    }
    Ok(replay.end())
}
