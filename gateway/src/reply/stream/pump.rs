//! Moving frames from a run to a caller, never faster than the caller reads.

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_util::sync::CancellationToken;
use workflow::reply::encode_frame;

use super::{Source, Step};
use crate::listener::Leash;

/// Keeps connections open through proxies that end quiet ones.
const COMMENT: &[u8] = b":\n\n";

/// The most bytes that take one place of the caller's buffer.
const PIECE: usize = 16 * 1024;

/// One stream at work.
pub(in crate::reply) struct Pump {
    /// Where frames come from.
    pub(in crate::reply) source: Source,
    /// A frame that was taken out of the source before.
    pub(in crate::reply) first: Option<Step>,
    /// Where they go: the body of the reply.
    pub(in crate::reply) sender: mpsc::Sender<Bytes>,
    /// How long the caller may leave a full buffer as it is.
    pub(in crate::reply) stall: Duration,
    /// How often a comment is sent.
    pub(in crate::reply) comments: Duration,
    /// How long a caller is to wait before it reconnects to another gateway, in milliseconds.
    pub(in crate::reply) retry_ms: u64,
    /// Cancelled when the gateway shuts down.
    pub(in crate::reply) ending: CancellationToken,
    /// What holds the caller.
    pub(in crate::reply) leash: Leash,
}

/// The stream is over for the caller.
struct Over;

impl Pump {
    /// Pumps until the run ends, the caller leaves or is too slow, or the gateway shuts down.
    pub(in crate::reply) async fn run(mut self) {
        self.frames().await;
        self.source.leave().await;
    }

    async fn frames(&mut self) {
        let mut comments = interval_at(Instant::now() + self.comments, self.comments);
        comments.set_missed_tick_behavior(MissedTickBehavior::Delay);
        if let Some(first) = self.first.take()
            && self.step(first).await.is_err()
        {
            return;
        }
        loop {
            let step = tokio::select! {
                biased;
                () = self.sender.closed() => return,
                () = self.ending.cancelled() => return self.shut_down(),
                step = self.source.next() => step,
                _ = comments.tick() => match self.put(Bytes::from_static(COMMENT)).await {
                    Ok(()) => continue,
                    Err(Over) => return,
                },
            };
            if self.step(step).await.is_err() {
                return;
            }
        }
    }

    async fn step(&mut self, step: Step) -> Result<(), Over> {
        match step {
            Step::Frame { id, frame, data } => {
                let text = String::from_utf8_lossy(&data);
                let text = encode_frame(frame.event.as_deref(), id.as_deref(), frame.retry, &text);
                self.put(text.into()).await?;
                self.source.taken(data.len()).await;
                if !frame.last {
                    return Ok(());
                }
            }
            Step::Failed { code, run_id, id } => {
                let data = json!({"code": code.as_str(), "run_id": run_id.to_string()}).to_string();
                self.put(encode_frame(Some("error"), id.as_deref(), None, &data).into())
                    .await?;
            }
            Step::End => {}
        }
        self.source.land();
        Err(Over)
    }

    /// Hands bytes over in pieces of a bounded size, so that the buffer is bounded in bytes too.
    async fn put(&mut self, mut bytes: Bytes) -> Result<(), Over> {
        while bytes.len() > PIECE {
            self.put_piece(bytes.split_to(PIECE)).await?;
        }
        self.put_piece(bytes).await
    }

    /// Hands a piece over, waiting a while for a caller whose buffer is full.
    async fn put_piece(&mut self, piece: Bytes) -> Result<(), Over> {
        let piece = match self.sender.try_send(piece) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Closed(_)) => return Err(Over),
            Err(TrySendError::Full(piece)) => piece,
        };
        let sent = tokio::select! {
            sent = timeout(self.stall, self.sender.send(piece)) => sent,
            () = self.ending.cancelled() => return Err(Over),
        };
        match sent {
            Ok(sent) => sent.map_err(|_| Over),
            Err(_) => {
                metrics::counter!("earshot_gateway_slow_readers_total").increment(1);
                tracing::info!(
                    code = "reader_too_slow",
                    "a stream's reader was too slow and was dropped"
                );
                // Its socket takes nothing, so the end of the body would not get through either.
                self.leash.cut();
                Err(Over)
            }
        }
    }

    fn shut_down(&self) {
        let retry = encode_frame(None, None, Some(self.retry_ms), "");
        // A full buffer has no room for it; then the client's own delay has to do.
        let _ = self.sender.try_send(retry.into());
    }
}
