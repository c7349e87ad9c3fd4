//! Where the frames of a stream come from.

use std::time::Duration;

use bus::Bus;
use bus::replay::{Replay, ReplayError};
use bytes::Bytes;
use shared::codes::Code;
use shared::frame::{self, FrameError, Kind};
use shared::ids::{EndpointId, RunId};
use shared::limits::{STREAM_CREDIT_EVERY, stream_cost};
use shared::v1::reply::{End, Failure, Outcome, StreamFrame};
use workflow::reply::encode_frame;

use crate::dispatch::{Flight, News};

/// How often reading what was kept is tried again, for instance while NATS is away.
const REOPENINGS: u32 = 20;

/// How long to wait in between.
const BREATHER: Duration = Duration::from_millis(500);

/// What comes next in a stream.
pub(in crate::reply) enum Step {
    /// A frame.
    Frame {
        /// The `id` field as the caller sees it.
        id: Option<String>,
        /// The frame.
        frame: StreamFrame,
        /// Its data.
        data: Bytes,
    },
    /// The run is over.
    End,
    /// The run failed, or its frames do not come any more.
    Failed {
        /// What went wrong.
        code: Code,
        /// The run.
        run_id: RunId,
        /// The `id` field as the caller sees it, so that one who reconnects is not told twice.
        id: Option<String>,
    },
}

/// The frames of one run: live from its runner, or as they are kept.
pub(in crate::reply) struct Source {
    run_id: RunId,
    from: From,
    /// Whether frames are kept, and so carry ids to go on from.
    kept: Option<Keeping>,
    /// The place of the last frame that was handed out.
    last: Option<u32>,
    taken: u32,
}

/// Where the frames of a run are kept.
struct Keeping {
    bus: Bus,
    endpoint_id: EndpointId,
}

enum From {
    Live(Option<Flight>),
    Kept(Box<Replay>),
}

impl Source {
    /// Straight from a runner; nothing is kept.
    pub(super) fn live(flight: Flight, run_id: RunId) -> Self {
        Self {
            run_id,
            from: From::Live(Some(flight)),
            kept: None,
            last: None,
            taken: 0,
        }
    }

    /// From whichever runner takes the run out of the queue.
    pub(super) fn queued(bus: Bus, flight: Flight, endpoint_id: EndpointId, run_id: RunId) -> Self {
        Self {
            run_id,
            from: From::Live(Some(flight)),
            kept: Some(Keeping { bus, endpoint_id }),
            last: None,
            taken: 0,
        }
    }

    /// From what was kept, after a frame that the caller has.
    pub(in crate::reply) fn replay(
        bus: Bus,
        replay: Replay,
        endpoint_id: EndpointId,
        run_id: RunId,
        after: u32,
    ) -> Self {
        let from = From::Kept(Box::new(replay));
        Self {
            run_id,
            from,
            kept: Some(Keeping { bus, endpoint_id }),
            last: Some(after),
            taken: 0,
        }
    }

    /// What a caller of a new stream is told before any frame, where frames are kept: the run that it has started, as
    /// an `id` alone, which dispatches no event (HTML, section 9.2.6). One who reconnects goes on with it.
    pub(super) fn opening(&self) -> Option<String> {
        let opens = self.kept.is_some() && self.last.is_none();
        opens.then(|| encode_frame(None, Some(&self.place(0)), None, ""))
    }

    /// The next step, without those that the caller already has.
    pub(in crate::reply) async fn next(&mut self) -> Step {
        loop {
            let step = match &mut self.from {
                From::Live(Some(flight)) => live(flight.next().await),
                From::Live(None) => Raw::Failed(Code::Internal),
                From::Kept(replay) => kept(replay.next().await),
            };
            match step {
                Raw::Frame(frame, data) => {
                    if self.misses_before(frame.seq) {
                        return self.failed(Code::ReplyBroken, None);
                    }
                    if self.last.is_some_and(|last| frame.seq <= last) {
                        if frame.last {
                            return Step::End;
                        }
                        continue;
                    }
                    self.last = Some(frame.seq);
                    let id = self.id(&frame);
                    return Step::Frame { id, frame, data };
                }
                Raw::Nothing => {}
                Raw::End(end) => return self.end(&end),
                Raw::Failed(code) => return self.failed(code, None),
                Raw::Gap => {
                    if let Err(code) = self.fall_back().await {
                        return self.failed(code, None);
                    }
                }
            }
        }
    }

    /// Whether kept frames before this place are gone: the space was used up, or one could not be stored. The first place
    /// is that of the opening, which is not kept.
    fn misses_before(&self, seq: u32) -> bool {
        let next = self.last.unwrap_or_default().saturating_add(1);
        matches!(self.from, From::Kept(_)) && seq > next
    }

    fn end(&self, end: &End) -> Step {
        if self.misses_before(end.seq) {
            return self.failed(Code::ReplyBroken, None);
        }
        let told = self.last.is_some_and(|last| end.seq <= last);
        if end.outcome != Outcome::Failed || told {
            return Step::End;
        }
        let id = self.kept.is_some().then(|| self.place(end.seq));
        self.failed(Code::RunFailed, id)
    }

    const fn failed(&self, code: Code, id: Option<String>) -> Step {
        Step::Failed {
            code,
            run_id: self.run_id,
            id,
        }
    }

    /// Where to go on from.
    fn place(&self, seq: u32) -> String {
        format!("{}:{seq}", self.run_id)
    }

    /// Frames were lost on the way here. Kept ones are whole, so reading goes on there.
    async fn fall_back(&mut self) -> Result<(), Code> {
        let Some(Keeping { bus, endpoint_id }) = &self.kept else {
            return Err(Code::ReplyBroken);
        };
        for _ in 0..REOPENINGS {
            match Replay::open(bus, *endpoint_id, self.run_id).await {
                Ok(replay) => {
                    self.from = From::Kept(Box::new(replay));
                    return Ok(());
                }
                Err(error) => {
                    tracing::warn!(%error, run_id = %self.run_id, "kept frames cannot be read yet");
                    tokio::time::sleep(BREATHER).await;
                }
            }
        }
        Err(Code::ReplyBroken)
    }

    /// The caller's socket has taken a frame with so many bytes of data.
    pub(super) async fn taken(&mut self, bytes: usize) {
        self.taken += stream_cost(bytes);
        if let (From::Live(Some(flight)), true) = (&self.from, self.taken >= STREAM_CREDIT_EVERY) {
            flight.credit(self.taken).await;
            self.taken = 0;
        }
    }

    /// Nobody reads any more: a run that goes on all the same waits for nobody.
    pub(super) async fn leave(&mut self) {
        if let From::Live(Some(flight)) = &self.from {
            flight.leave().await;
        }
    }

    /// The stream came to its own end: there is nothing to cancel.
    pub(super) fn land(&mut self) {
        if let From::Live(flight) = &mut self.from
            && let Some(flight) = flight.take()
        {
            flight.land();
        }
    }

    /// The `id` field: where to go on from, and the author's own after it; the author's own where nothing is kept.
    fn id(&self, frame: &StreamFrame) -> Option<String> {
        if self.kept.is_none() {
            return frame.id.clone();
        }
        let own = frame
            .id
            .as_ref()
            .map(|id| format!(":{id}"))
            .unwrap_or_default();
        Some(self.place(frame.seq) + &own)
    }
}

enum Raw {
    Frame(StreamFrame, Bytes),
    Nothing,
    End(End),
    Failed(Code),
    Gap,
}

fn live(news: News) -> Raw {
    match news {
        News::Stream(frame, data) => Raw::Frame(frame, data),
        News::End(end) => Raw::End(end),
        News::Open(_) | News::Answer(..) | News::Part(..) => Raw::Nothing,
        News::Failure(failure) => Raw::Failed(failure.code),
        News::Lost => Raw::Failed(Code::RunnerLost),
        News::Nobody => Raw::Failed(Code::NoRunner),
        News::Broken | News::Cut => Raw::Gap,
    }
}

fn kept(next: Option<Result<Bytes, ReplayError>>) -> Raw {
    let payload = match next {
        None => return Raw::Gap,
        Some(Ok(payload)) => payload,
        Some(Err(error)) => {
            tracing::warn!(%error, "kept frames stopped coming");
            return Raw::Gap;
        }
    };
    read(payload).unwrap_or_else(|error| {
        tracing::error!(%error, "a kept frame cannot be read");
        Raw::Failed(Code::ReplyBroken)
    })
}

fn read(payload: Bytes) -> Result<Raw, FrameError> {
    let frame = frame::decode(payload)?;
    Ok(match frame.kind {
        Kind::Stream => Raw::Frame(frame.head()?, frame.body),
        Kind::End => Raw::End(frame.head()?),
        Kind::Failure => Raw::Failed(frame.head::<Failure>()?.code),
        _ => Raw::Nothing,
    })
}
