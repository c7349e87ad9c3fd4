//! One run, from the wire to its end.

use std::sync::Arc;

use bytes::Bytes;
use ops::offload::Place;
use script::{Interrupt, Offload};
use shared::codes::Code;
use shared::rpc::Context;
use shared::v1::reply::{Failure, Outcome};
use shared::v1::run::{RunMode, RunRequest};
use shared::v1::views::ReturnType;
use tracing::Instrument;
use workflow::data::Data;
use workflow::machine::{Machine, RunFacts};
use workflow::template::Surroundings;

use crate::documents::Version;
use crate::driver::Driver;
use crate::held::Hold;
use crate::outbox::Outbox;
use crate::run_log::Recorder;
use crate::service::Shared;

/// A body beyond this takes so long to read that no other run is to wait in the meantime, in bytes.
const LARGE: usize = 64 * 1024;

/// Whether a run has come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carried {
    /// It has, well or badly.
    Out,
    /// It was accepted and has not begun: its version cannot be loaded at the moment.
    NotYet,
}

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
        return Carried::Out;
    }
    // From here on a gateway that asks is told that the run is here.
    let holding = runner.held.hold(request.run_id, request.credit);
    let context = Context {
        trace: request.trace,
        request_id: request.request_id,
        deadline_ms: now,
    };
    let version = match runner
        .documents
        .version(request.content_hash, context)
        .await
    {
        Ok(version) => version,
        Err(failure) => {
            tracing::error!(code = %failure.code, "the version could not be loaded");
            if request.mode == RunMode::Async {
                return Carried::NotYet;
            }
            Recorder::refused(&runner.run_log, &request, &failure.detail);
            outbox(&runner, &request, ReturnType::Continue)
                .fail(failure)
                .await;
            return Carried::Out;
        }
    };
    let mut outbox = outbox(&runner, &request, version.plan.return_type());
    if body.len() > LARGE {
        tokio::task::yield_now().await;
    }
    let mut recorder = Recorder::begin(&runner.run_log, &request, &body, &version.plan);
    match Data::from_run(&request, body) {
        Ok(data) => {
            if version.plan.return_type() == ReturnType::Sse {
                outbox.open(Vec::new()).await;
            }
            let hold = holding.hold.clone();
            begin(runner, &request, version, hold, (outbox, recorder), data).await;
        }
        Err(problem) => {
            recorder.end(Outcome::Failed, Some(&problem.to_string()));
            let failure = Failure::new(Code::MalformedBody, problem.to_string());
            outbox.fail(failure).await;
        }
    }
    Carried::Out
}

fn outbox(runner: &Shared, request: &RunRequest, return_type: ReturnType) -> Outbox {
    let (bus, replies) = (runner.bus.clone(), runner.replies.clone());
    Outbox::new(bus, replies, request, return_type)
}

/// Starts the machine and drives it to its end.
async fn begin(
    runner: Arc<Shared>,
    request: &RunRequest,
    version: Arc<Version>,
    hold: Arc<Hold>,
    (outbox, mut recorder): (Outbox, Recorder),
    data: Data,
) {
    let plan = version.plan.clone();
    let place = Arc::new(Place::new(runner.offloader.clone(), version.heavy.clone()));
    let mut surroundings = Surroundings::new(runner.now(), runner.seed(request.run_id));
    surroundings.bounds = runner.config.bounds();
    surroundings.recorded = recorder.records();
    recorder.hide(surroundings.secrets.as_ref());
    surroundings.offload = Some(Offload::new({
        let place = place.clone();
        move |work| place.carry(|over, bound| work(Interrupt::new(over, bound)))
    }));
    let facts = RunFacts {
        run_id: request.run_id,
        surroundings,
    };
    place.enter().await;
    let (machine, effects) = Machine::start(plan.clone(), data, facts);
    place.leave();
    let mut driver = Driver::new(runner, request, plan, place, hold, outbox, recorder);
    driver.drive(machine, effects).await;
}
