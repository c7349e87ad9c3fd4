//! The right to be the one who runs a request with a key, and what becomes of it.

use std::sync::Arc;
use std::time::Duration;

use bus::kv::BucketError;
use bus::register::Register;
use bus::{Answer, Bus, StoreError};
use bytes::Bytes;
use shared::codes::Code;
use shared::ids::RunId;
use shared::subjects::IDEMPOTENCY_BUCKET;
use shared::v1::control::Control;
use shared::v1::idempotency::{KeyedRequest, KeyedState};
use shared::v1::run::RunMode;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::held::{Held, Holding};
use super::key::Key;
use super::{entry, fate};
use crate::asked::Asked;
use crate::problem::Problem;
use crate::reply::Response;

/// How long the bucket may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a caller waits for its reply to be kept, should NATS be away just then. Keeping goes on thereafter.
const KEEPING: Duration = Duration::from_secs(2);

/// The longest pause between two tries to keep a reply.
const LONGEST: Duration = Duration::from_secs(2);

/// The keys of all gateways, and the requests that this one is at.
pub(crate) struct Keys {
    bus: Bus,
    register: Register,
    /// The requests that this gateway is at.
    pub(crate) held: Held,
    /// They go on though their callers leave; a drain waits for them.
    pub(crate) tasks: TaskTracker,
    end: CancellationToken,
}

/// What the bucket knows of a key.
pub(crate) struct Known {
    /// The request that it stands for; none where it is free.
    pub(crate) request: Option<(KeyedRequest, Bytes)>,
    /// The revision of its last change.
    pub(crate) revision: u64,
}

impl Keys {
    /// Opens the bucket. `end` ends whatever is still to be kept.
    ///
    /// # Errors
    /// [`BucketError`] where it is not there.
    pub(crate) async fn open(bus: &Bus, end: CancellationToken) -> Result<Self, BucketError> {
        Ok(Self {
            bus: bus.clone(),
            register: Register::open(bus, IDEMPOTENCY_BUCKET, PATIENCE).await?,
            held: Held::default(),
            tasks: TaskTracker::new(),
            end,
        })
    }

    /// What is known of a key.
    ///
    /// # Errors
    /// `bus_unavailable` where that cannot be found out.
    pub(crate) async fn look(&self, key: &Key) -> Result<Known, Problem> {
        let seen = self.register.read(&key.place).await.map_err(|error| {
            tracing::warn!(%error, "an idempotency key cannot be looked up");
            unavailable()
        })?;
        let request = seen.value.map(entry::read).transpose().map_err(|error| {
            tracing::error!(%error, "what is kept for an idempotency key cannot be read");
            Problem::new(
                Code::ReplyBroken,
                "what is kept for this Idempotency-Key is damaged",
            )
        })?;
        Ok(Known {
            request,
            revision: seen.revision,
        })
    }

    /// Takes a key whose last change is `after`, for a run in a state. None where another was faster.
    ///
    /// # Errors
    /// `bus_unavailable`: nothing runs without the key.
    pub(crate) async fn claim(
        &self,
        key: &Key,
        after: u64,
        (run_id, mode): (RunId, RunMode),
        state: KeyedState,
    ) -> Result<Option<Claim>, Problem> {
        let after = if ops::planted("claims-blindly") {
            let seen = self.register.read(&key.place).await;
            seen.map_or(after, |seen| seen.revision)
        } else {
            after
        };
        // Held before anybody can read of it.
        let holding = self.held.hold(run_id);
        let mut claim = Claim {
            register: self.register.clone(),
            tasks: self.tasks.clone(),
            end: self.end.clone(),
            place: key.place.clone(),
            revision: after,
            accepted: state == KeyedState::Accepted,
            request: KeyedRequest {
                fingerprint: key.fingerprint,
                run_id,
                mode,
                gateway: self.bus.instance(),
                state,
            },
            taken_over: false,
            harmless: false,
            _holding: Arc::new(holding),
        };
        match claim.put(&[]).await {
            Ok(()) => Ok(Some(claim)),
            Err(StoreError::Overtaken) => Ok(None),
            Err(error) => {
                tracing::warn!(%error, "an idempotency key could not be taken");
                if matches!(error, StoreError::Timeout | StoreError::Cut) {
                    // It may be ours all the same, and nothing runs.
                    self.tasks.spawn(claim.take_back());
                }
                Err(unavailable())
            }
        }
    }

    /// Whether nobody is at a request any more. Only certain where the answer is yes.
    pub(crate) async fn abandoned(&self, request: &KeyedRequest) -> bool {
        if request.gateway == self.bus.instance() {
            return !self.held.holds(request.run_id);
        }
        let question = Control::Holds {
            run_id: request.run_id,
        };
        matches!(
            self.bus.ask_instance(request.gateway, &question).await,
            Answer::Nobody | Answer::Here(Some(false))
        )
    }
}

fn unavailable() -> Problem {
    let detail =
        "the Idempotency-Key cannot be looked up at the moment, and nothing runs without it";
    Problem::new(Code::BusUnavailable, detail)
}

/// The right to run a request. While it is there, no other gateway takes the request over.
pub(crate) struct Claim {
    register: Register,
    tasks: TaskTracker,
    end: CancellationToken,
    place: String,
    revision: u64,
    request: KeyedRequest,
    accepted: bool,
    /// Whether another gateway had it before, which may have stored the run.
    pub(crate) taken_over: bool,
    /// Whether the run may be done again when it was lost.
    pub(crate) harmless: bool,
    _holding: Arc<Holding>,
}

/// The last change of a claim.
enum Last {
    Keep(KeyedState, Bytes),
    Free,
}

impl Claim {
    /// The run that the key stands for.
    pub(crate) fn run_id(&self) -> RunId {
        self.request.run_id
    }

    /// The asynchronous run is stored: from now on its reply can be found by whoever takes over.
    pub(crate) async fn accepted(&mut self) {
        self.accepted = true;
        self.request.state = KeyedState::Accepted;
        if let Err(error) = self.put(&[]).await {
            tracing::warn!(%error, run_id = %self.run_id(), "an accepted request with a key could not be marked");
        }
    }

    /// Keeps what came of the request, or frees the key where nothing did. What the caller gets.
    ///
    /// # Errors
    /// The problem that the request came to, where it is not kept.
    pub(crate) async fn settle(
        self,
        asked: &Asked,
        outcome: Result<Response, Problem>,
    ) -> Result<Response, Problem> {
        let (mode, ours) = (self.request.mode, (self.run_id(), self.request.gateway));
        let response = match outcome {
            Ok(response) => response,
            Err(problem) => {
                let fate = fate::of(&problem, mode, self.harmless);
                match fate {
                    _ if self.accepted => problem.reply(asked),
                    fate::Fate::Kept => fate::lasting(problem).reply(asked),
                    fate::Fate::Free => {
                        self.finish(Last::Free).await;
                        return Err(problem);
                    }
                    fate::Fate::Open => return Err(problem),
                }
            }
        };
        let (state, body) = entry::of(&response);
        match self.finish(Last::Keep(state, body)).await {
            // Another gateway took this one for gone; what it has answered is the reply.
            Some((request, body)) if (request.run_id, request.gateway) != ours => {
                Ok(answered(&request, body).unwrap_or(Ok(response))?)
            }
            _ => Ok(response),
        }
    }

    /// Keeps that a request was lost, for good.
    pub(crate) async fn lose(mut self, asked: &Asked) -> Result<Response, Problem> {
        self.harmless = false;
        let detail = "the gateway that saw to the first request with this Idempotency-Key is gone, and its reply with it; the run may have done its work";
        let lost = Problem::new(Code::ReplyBroken, detail).of_run(self.run_id());
        self.settle(asked, Err(lost)).await
    }

    /// Makes the last change, if need be after the caller has its reply. What stands there instead where another gateway
    /// has changed the entry meanwhile.
    async fn finish(self, last: Last) -> Option<(KeyedRequest, Bytes)> {
        let tasks = self.tasks.clone();
        let finishing = tasks.spawn(self.finish_at_last(last));
        match timeout(KEEPING, finishing).await {
            Ok(Ok(other)) => other,
            Ok(Err(_)) | Err(_) => None,
        }
    }

    async fn finish_at_last(mut self, last: Last) -> Option<(KeyedRequest, Bytes)> {
        let mut pause = Duration::from_millis(50);
        let body = match last {
            Last::Keep(state, body) => {
                self.request.state = state;
                Some(body)
            }
            Last::Free => None,
        };
        loop {
            let changed = match &body {
                Some(body) => self.put(body).await,
                None => self.register.withdraw(&self.place, self.revision).await,
            };
            match changed {
                Ok(()) => return None,
                Err(StoreError::Overtaken) => match self.register.read(&self.place).await {
                    Ok(seen) => {
                        let other = seen.value.and_then(|value| entry::read(value).ok());
                        if other
                            .as_ref()
                            .is_some_and(|(other, _)| !self.is_ours(other))
                            || (other.is_none() && body.is_none())
                        {
                            return other;
                        }
                        // A change of ours whose acknowledgement was lost, or a key that was freed although we ran.
                        self.revision = seen.revision;
                    }
                    Err(error) => tracing::warn!(%error, "an idempotency key cannot be looked up"),
                },
                Err(error) => {
                    tracing::warn!(%error, run_id = %self.run_id(), "a reply could not be kept yet");
                }
            }
            tokio::select! {
                () = sleep(pause) => pause = (pause * 2).min(LONGEST),
                () = self.end.cancelled() => return None,
            }
        }
    }

    /// Frees the key again where it is ours, although no answer has said so.
    async fn take_back(mut self) {
        let mut pause = Duration::from_millis(50);
        loop {
            tokio::select! {
                () = sleep(pause) => pause = (pause * 2).min(LONGEST),
                () = self.end.cancelled() => return,
            }
            let Ok(seen) = self.register.read(&self.place).await else {
                continue;
            };
            let request = seen.value.and_then(|value| entry::read(value).ok());
            if request.is_none_or(|(request, _)| request != self.request) {
                return;
            }
            self.revision = seen.revision;
            match self.register.withdraw(&self.place, self.revision).await {
                Ok(()) | Err(StoreError::Overtaken) => return,
                Err(_) => {}
            }
        }
    }

    async fn put(&mut self, body: &[u8]) -> Result<(), StoreError> {
        let value = entry::write(&self.request, body)
            .map_err(|error| StoreError::Refused(error.to_string()))?;
        self.revision = self
            .register
            .write(&self.place, self.revision, value)
            .await?;
        Ok(())
    }

    /// Whether an entry is this claim's, and not its last.
    fn is_ours(&self, entry: &KeyedRequest) -> bool {
        (entry.run_id, entry.gateway) == (self.request.run_id, self.request.gateway)
            && matches!(entry.state, KeyedState::Running | KeyedState::Accepted)
    }
}

/// The kept reply of a request, where it is one that stands in the bucket.
pub(crate) fn answered(request: &KeyedRequest, body: Bytes) -> Option<Result<Response, Problem>> {
    let KeyedState::Answered {
        status,
        headers,
        left_out,
    } = &request.state
    else {
        return None;
    };
    Some(entry::again(
        request.run_id,
        *status,
        headers,
        *left_out,
        body,
    ))
}
