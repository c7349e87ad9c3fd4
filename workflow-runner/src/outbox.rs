//! What a run sends back: frames with consecutive numbers, to the gateway that waits and, for
//! asynchronous runs, to where a caller who comes later finds them.

use std::time::Duration;

use bus::Bus;
use bus::kv::Bucket;
use bytes::Bytes;
use shared::frame::{self, FrameError, Kind};
use shared::ids::{EndpointId, RunId};
use shared::limits;
use shared::subjects;
use shared::v1::reply::{Answer, End, Failure, Open, Outcome, Part, StreamFrame};
use shared::v1::run::{RunMode, RunRequest};
use shared::v1::views::ReturnType;
use tokio::time::{Instant, sleep};
use workflow::machine::FrameOut;
use workflow::reply::Reply;

/// How long one try to keep something may take.
const STORE_PATIENCE: Duration = Duration::from_secs(5);

/// For how long it is tried again: the caller was promised that it is kept.
const KEEP_PATIENCE: Duration = Duration::from_secs(60);

/// For how long it is tried to send what a gateway waits for, while the connection to NATS is away.
const SEND_PATIENCE: Duration = Duration::from_secs(5);

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(250);

/// The way back of one run.
pub(crate) struct Outbox {
    bus: Bus,
    replies: Bucket,
    run_id: RunId,
    endpoint_id: EndpointId,
    attempt: u32,
    to: Option<String>,
    kept: bool,
    return_type: Option<ReturnType>,
    seq: u32,
    lost: bool,
}

impl Outbox {
    /// The way back that the request and its listener ask for.
    #[must_use]
    pub(crate) fn new(
        bus: Bus,
        replies: Bucket,
        request: &RunRequest,
        return_type: Option<ReturnType>,
    ) -> Self {
        Self {
            bus,
            replies,
            run_id: request.run_id,
            endpoint_id: request.endpoint_id,
            attempt: request.attempt,
            to: request.reply_to.clone(),
            kept: request.mode == RunMode::Async,
            return_type,
            seq: 0,
            lost: false,
        }
    }

    /// Whether something could not be kept that a caller was promised.
    #[must_use]
    pub(crate) const fn lost(&self) -> bool {
        self.lost
    }

    /// Whether the run's own reply goes to anyone: that of an asynchronous `data`, `html` or
    /// `redirect` endpoint was made by the gateway long before.
    fn replies_here(&self) -> bool {
        !self.kept || self.return_type == Some(ReturnType::Continue)
    }

    /// Sends the reply, in several frames where one message would be too large.
    pub(crate) async fn answer(&mut self, reply: Reply) {
        if !self.replies_here() {
            return;
        }
        let body = Bytes::from(reply.body);
        let (status, headers) = (reply.status, reply.headers);
        if self.kept {
            let whole = Answer {
                seq: 0,
                status,
                headers: headers.clone(),
                more: false,
            };
            self.keep(frame::encode(Kind::Answer, &whole, &body)).await;
        }
        let mut parts = body.chunks(limits::FRAME_BODY).peekable();
        let first = parts.next().unwrap_or_default();
        let more = parts.peek().is_some();
        let head = Answer {
            seq: self.next(),
            status,
            headers,
            more,
        };
        self.send(frame::encode(Kind::Answer, &head, first)).await;
        while let Some(part) = parts.next() {
            let head = Part {
                seq: self.next(),
                more: parts.peek().is_some(),
            };
            self.send(frame::encode(Kind::Part, &head, part)).await;
        }
    }

    /// An earlier attempt sent this reply: its places in the sequence are taken.
    pub(crate) fn pass_answer(&mut self, reply: &Reply) {
        if self.replies_here() {
            for _ in 0..reply.body.len().div_ceil(limits::FRAME_BODY).max(1) {
                self.next();
            }
        }
    }

    /// An earlier attempt sent the next frame.
    pub(crate) fn pass_frame(&mut self) {
        self.next();
    }

    /// Starts the stream.
    pub(crate) async fn open(&mut self, headers: Vec<(String, String)>) {
        let head = Open {
            seq: self.next(),
            headers,
        };
        self.send(frame::encode(Kind::Open, &head, &[])).await;
    }

    /// Sends a frame of the stream.
    pub(crate) async fn frame(&mut self, out: FrameOut) {
        let (event, id, retry, last) = (out.event, out.id, out.retry, out.last);
        let head = StreamFrame {
            seq: self.next(),
            event,
            id,
            retry,
            last,
        };
        let encoded = frame::encode(Kind::Stream, &head, out.data.as_bytes());
        self.store(head.seq, &encoded).await;
        self.send(encoded).await;
    }

    /// Says that the run is over.
    pub(crate) async fn end(&mut self, outcome: Outcome, replied: bool) {
        let head = End {
            seq: self.next(),
            outcome,
        };
        let encoded = frame::encode(Kind::End, &head, &[]);
        match self.return_type {
            Some(ReturnType::Sse) => self.store(head.seq, &encoded).await,
            Some(ReturnType::Continue) if self.kept && !replied => {
                self.keep(frame::encode(Kind::End, &head, &[])).await;
            }
            _ => {}
        }
        self.send(encoded).await;
    }

    /// Says that the run failed before it replied.
    pub(crate) async fn fail(&mut self, failure: Failure) {
        let failure = Failure {
            by: Some(self.bus.instance()),
            ..failure.of_run(self.run_id)
        };
        if self.kept && self.return_type == Some(ReturnType::Continue) {
            self.keep(frame::encode(Kind::Failure, &failure, &[])).await;
        }
        let encoded = frame::encode(Kind::Failure, &failure, &[]);
        if self.return_type == Some(ReturnType::Sse) {
            self.store(self.seq, &encoded).await;
        }
        self.send(encoded).await;
    }

    fn next(&mut self) -> u32 {
        let seq = self.seq;
        self.seq = self.seq.wrapping_add(1);
        seq
    }

    async fn send(&self, encoded: Result<Bytes, FrameError>) {
        let Some(to) = &self.to else { return };
        match encoded {
            Ok(payload) => {
                // The gateway may have heard nothing of an outage that is this runner's alone, and waits.
                let sent = persist(SEND_PATIENCE, || {
                    self.bus.publish(to.clone(), payload.clone())
                });
                if let Err(error) = sent.await {
                    tracing::warn!(%error, "a reply could not be sent");
                }
            }
            Err(error) => tracing::error!(%error, "a reply could not be written"),
        }
    }

    /// Keeps the reply for a caller who comes back for it. The first one stays: the caller may have it by now, and a run
    /// that is carried out again after its runner was lost may come to another.
    async fn keep(&mut self, encoded: Result<Bytes, FrameError>) {
        match encoded {
            Ok(payload) => {
                let key = self.run_id.to_string();
                match persist(KEEP_PATIENCE, || {
                    self.replies.put_first(&key, payload.clone())
                })
                .await
                {
                    Ok(true) => {}
                    Ok(false) => tracing::info!("the run had replied before; that reply stays"),
                    Err(error) => {
                        tracing::error!(%error, "a reply could not be kept");
                        self.lost = true;
                    }
                }
            }
            Err(error) => tracing::error!(%error, "a reply could not be written"),
        }
    }

    /// Keeps a frame for a caller who reconnects.
    async fn store(&mut self, seq: u32, encoded: &Result<Bytes, FrameError>) {
        let (true, Ok(payload)) = (self.kept, encoded) else {
            return;
        };
        // Another attempt may come to other frames; those that a reader has it leaves out by their place.
        let id = format!("{}:{}:{seq}", self.run_id, self.attempt);
        let subject = subjects::frames(self.endpoint_id, self.run_id);
        // The same id is stored once, however often it is tried.
        let stored = persist(KEEP_PATIENCE, || {
            self.bus
                .store(subject.clone(), &id, payload.clone(), STORE_PATIENCE)
        })
        .await;
        if let Err(error) = stored {
            tracing::error!(%error, "a frame could not be kept");
            self.lost = true;
        }
    }
}

/// Tries until it works, since NATS may be away for a moment.
async fn persist<T, E, F>(patience: Duration, attempt: impl Fn() -> F) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
    E: std::fmt::Display,
{
    let ends_at = Instant::now() + patience;
    loop {
        match attempt().await {
            Err(error) if Instant::now() < ends_at => {
                tracing::warn!(%error, "what a run sends is tried again");
                sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}
