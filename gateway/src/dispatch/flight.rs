//! One sending of a run: the frames that come back, in order and without a gap.

use std::time::Instant;

use bus::Bus;
use bus::inbox::{Delivery, Slot};
use bytes::Bytes;
use shared::frame::{self, Frame, FrameError, Kind};
use shared::ids::RunId;
use shared::subjects;
use shared::v1::control::Control;
use shared::v1::reply::{Answer, End, Failure, Open, Part, StreamFrame};

use super::doubt;
use super::runners::Held;

/// What became known about a run.
#[derive(Debug)]
pub(crate) enum News {
    /// A reply, or its first part.
    Answer(Answer, Bytes),
    /// A further part.
    Part(Part, Bytes),
    /// A stream begins.
    Open(Open),
    /// A frame of the stream.
    Stream(StreamFrame, Bytes),
    /// The run is over.
    End(End),
    /// The run failed, or the runner refused it.
    Failure(Failure),
    /// Nobody took the run: it never ran.
    Nobody,
    /// The runner that held it is gone.
    Lost,
    /// Frames were lost on the way.
    Broken,
    /// The connection to NATS was lost, and with it whatever was on its way.
    Cut,
}

/// A run under way. Dropping it before [`Flight::land`] tells the runner that the caller left, where the listener
/// wants that.
pub(crate) struct Flight {
    bus: Bus,
    run_id: RunId,
    slot: Slot,
    held: Option<Held>,
    next_seq: u32,
    cancel: bool,
}

impl Flight {
    pub(super) fn new(
        bus: Bus,
        run_id: RunId,
        slot: Slot,
        held: Option<Held>,
        cancel: bool,
    ) -> Self {
        Self {
            bus,
            run_id,
            slot,
            held,
            next_seq: 0,
            cancel,
        }
    }

    /// A run that goes through the work queue: nobody knows who holds it, and it goes on without its caller.
    pub(crate) fn queued(bus: Bus, run_id: RunId, slot: Slot) -> Self {
        Self::new(bus, run_id, slot, None, false)
    }

    pub(super) fn held(&self) -> Option<&Held> {
        self.held.as_ref()
    }

    /// The run needs no caller any more: nothing is cancelled.
    pub(crate) fn land(mut self) {
        self.cancel = false;
    }

    /// The next piece of news.
    pub(crate) async fn next(&mut self) -> News {
        loop {
            let delivery = match &self.held {
                None => self.slot.next().await,
                Some(held) => tokio::select! {
                    biased;
                    delivery = self.slot.next() => delivery,
                    () = held.0.lost.cancelled() => return News::Lost,
                    () = doubt::gone(&self.bus, held.0.id, self.run_id) => return News::Lost,
                },
            };
            let payload = match delivery {
                None => return News::Broken,
                Some(Delivery::NoResponder) => return News::Nobody,
                Some(Delivery::Disconnected) => return News::Cut,
                Some(Delivery::Message(payload)) => payload,
            };
            if let Some(held) = &self.held {
                held.0.give_sign_of_life(Instant::now());
            }
            match frame::decode(payload).and_then(|frame| read(&frame)) {
                Ok(None) => {}
                Ok(Some((seq, news))) => {
                    return if self.follows(seq) {
                        news
                    } else {
                        News::Broken
                    };
                }
                Err(error) => {
                    tracing::error!(%error, run_id = %self.run_id, "a frame of a run cannot be read");
                    return News::Broken;
                }
            }
        }
    }

    fn follows(&mut self, seq: Option<u32>) -> bool {
        let Some(seq) = seq else { return true };
        // A run out of the work queue that another runner took over begins again.
        let in_order = seq == self.next_seq || (seq == 0 && self.held.is_none());
        self.next_seq = seq.wrapping_add(1);
        in_order
    }

    /// Tells the runner that so many more frames may come.
    pub(crate) async fn credit(&self, frames: u32) {
        self.tell(Control::Credit {
            run_id: self.run_id,
            frames,
        })
        .await;
    }

    /// The caller left. A run that is to go on without it gets credit for all frames that it may still have.
    pub(crate) async fn leave(&self) {
        if !self.cancel {
            self.credit(u32::MAX).await;
        }
    }

    async fn tell(&self, control: Control) {
        let Some(held) = &self.held else { return };
        tell(&self.bus, subjects::control(held.0.id), control).await;
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let Some(held) = self.held.as_ref().filter(|_| self.cancel) else {
            return;
        };
        let (bus, subject) = (self.bus.clone(), subjects::control(held.0.id));
        let control = Control::Cancel {
            run_id: self.run_id,
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { tell(&bus, subject, control).await });
        }
    }
}

async fn tell(bus: &Bus, subject: String, control: Control) {
    match frame::encode(Kind::Request, &control, &[]) {
        Ok(payload) => {
            if let Err(error) = bus.publish(subject, payload).await {
                tracing::debug!(%error, "a runner could not be told");
            }
        }
        Err(error) => tracing::error!(%error, "a control message could not be written"),
    }
}

/// The news of a frame with its place in the sequence, where it has one. None for what belongs to no reply.
fn read(frame: &Frame) -> Result<Option<(Option<u32>, News)>, FrameError> {
    let body = frame.body.clone();
    Ok(match frame.kind {
        Kind::Answer => {
            let head: Answer = frame.head()?;
            Some((Some(head.seq), News::Answer(head, body)))
        }
        Kind::Part => {
            let head: Part = frame.head()?;
            Some((Some(head.seq), News::Part(head, body)))
        }
        Kind::Open => {
            let head: Open = frame.head()?;
            Some((Some(head.seq), News::Open(head)))
        }
        Kind::Stream => {
            let head: StreamFrame = frame.head()?;
            Some((Some(head.seq), News::Stream(head, body)))
        }
        Kind::End => {
            let head: End = frame.head()?;
            Some((Some(head.seq), News::End(head)))
        }
        Kind::Failure => Some((None, News::Failure(frame.head()?))),
        Kind::Request | Kind::Result | Kind::Entry | Kind::Keyed | Kind::Letter => {
            tracing::warn!(kind = ?frame.kind, "a frame that does not belong to a reply");
            None
        }
    })
}
