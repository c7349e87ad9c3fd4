//! Sending a run out, and sending it again where that is allowed.

use std::time::{Duration, Instant};

use shared::codes::Code;
use shared::frame::{self, Kind};
use shared::ids::{InstanceId, RunId};
use shared::limits::{RUNNER_WAIT, STREAM_CREDIT};
use shared::subjects;
use shared::v1::reply::Failure;

use super::flight::{Flight, News};
use super::runners::{Held, Runner};
use super::{Dispatch, Job};
use crate::problem::Problem;

/// How often a run is sent out, refusals not counted.
const MOST_ATTEMPTS: u32 = 5;

/// How many runners may refuse or be gone before the caller is told.
const MOST_REFUSALS: usize = 16;

impl Dispatch {
    /// Sends a run out and waits for the first piece of news that is about the run itself.
    ///
    /// # Errors
    /// `no_runner`, `overloaded`, `runner_lost`, `bus_unavailable`, or what the runner says.
    pub(crate) async fn launch(&self, job: &mut Job) -> Result<(Flight, News), Problem> {
        let mut tried = Tried::default();
        loop {
            let mut flight = self.send(job, &tried).await?;
            let news = flight.next().await;
            let runner = flight.held().map(|held| held.0.clone());
            match (news, runner) {
                (News::Nobody, None) => return Err(tried.nobody(job)),
                (News::Nobody, Some(runner)) => {
                    self.runners.lose(&runner);
                    tried.refused(job, runner.id)?;
                }
                (News::Failure(failure), Some(runner)) if failure.code == Code::Overloaded => {
                    tried.overloaded = true;
                    tried.refused(job, runner.id)?;
                }
                (News::Failure(failure), _) => {
                    flight.land();
                    return Err(of_run(failure, job));
                }
                (News::Lost, runner) => {
                    tried.lost(job, runner.as_deref())?;
                }
                (News::Cut, _) => {
                    flight.land();
                    return Err(cut(job.request.run_id));
                }
                (News::Broken, _) => {
                    return Err(
                        Problem::new(Code::ReplyBroken, "a part of the reply was lost")
                            .of_run(job.request.run_id),
                    );
                }
                (news, _) => return Ok((flight, news)),
            }
        }
    }

    async fn send(&self, job: &mut Job, tried: &Tried) -> Result<Flight, Problem> {
        let runner = match self.runners.pick(&tried.without, Instant::now()) {
            Some(runner) => Some(runner),
            None if tried.overloaded => return Err(tried.nobody(job)),
            None => {
                self.runners
                    .wait(&tried.without, Duration::from_millis(RUNNER_WAIT))
                    .await
            }
        };
        let slot = self.bus.inbox().slot(job.frames_ahead);
        let request = &mut job.request;
        request.attempt = tried.attempt;
        request.reply_to = Some(slot.subject().to_owned());
        // Credit needs a runner to give it to; without one the slot's own bound must do.
        request.credit = if runner.is_some() {
            STREAM_CREDIT
        } else {
            u32::MAX
        };
        let subject = match &runner {
            Some(runner) => subjects::run_to(runner.id),
            None => subjects::run_any(subjects::DEFAULT_LANE),
        };
        let payload = frame::encode(Kind::Request, request, &job.body).map_err(|error| {
            tracing::error!(%error, "a run could not be written");
            Problem::new(Code::Internal, "the run could not be written")
        })?;
        let reply = slot.subject().to_owned();
        let (bus, run_id) = (self.bus.clone(), job.request.run_id);
        let held = runner.map(Held::new);
        let flight = Flight::new(bus, run_id, slot, held, job.cancel_on_leave);
        self.bus
            .publish_for(subject, reply, payload)
            .await
            .map_err(|error| Problem::new(Code::BusUnavailable, error.to_string()))?;
        Ok(flight)
    }
}

/// What was tried so far.
#[derive(Default)]
struct Tried {
    attempt: u32,
    without: Vec<InstanceId>,
    overloaded: bool,
}

impl Tried {
    /// A runner did not take the run: the next one gets it, as if nothing had been.
    fn refused(&mut self, job: &Job, runner: InstanceId) -> Result<(), Problem> {
        self.without.push(runner);
        if self.without.len() < MOST_REFUSALS {
            Ok(())
        } else {
            Err(self.nobody(job))
        }
    }

    /// A runner was lost with the run: the next one gets it only where that does no harm.
    fn lost(&mut self, job: &Job, runner: Option<&Runner>) -> Result<(), Problem> {
        self.attempt += 1;
        self.without.extend(runner.map(|runner| runner.id));
        if job.may_resend && self.attempt < MOST_ATTEMPTS {
            metrics::counter!("earshot_gateway_resent_runs_total").increment(1);
            return Ok(());
        }
        Err(lost(job))
    }

    fn nobody(&self, job: &Job) -> Problem {
        if self.attempt > 0 {
            // An earlier runner may have carried some of it out.
            return lost(job);
        }
        if self.overloaded {
            return Problem::new(Code::Overloaded, "every workflow runner is at its limit");
        }
        Problem::new(Code::NoRunner, "no workflow runner is there")
    }
}

/// The problem of a run whose runner is gone.
pub(crate) fn lost(job: &Job) -> Problem {
    let detail =
        "the workflow runner was lost with the run, and the run could not be given to another";
    Problem::new(Code::RunnerLost, detail).of_run(job.request.run_id)
}

/// The problem of a run that was under way when the connection to NATS was lost.
pub(crate) fn cut(run_id: RunId) -> Problem {
    let detail = "the connection to the message bus was lost while the run was under way, which may have done its work";
    Problem::new(Code::BusUnavailable, detail).of_run(run_id)
}

fn of_run(failure: Failure, job: &Job) -> Problem {
    Problem::from(failure).of_run(job.request.run_id)
}
