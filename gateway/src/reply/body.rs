//! The body of a reply.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::mpsc;
use tokio_util::sync::DropGuard;

use crate::limits::Place;
use crate::listener::Leash;

/// Bytes that are all there, or frames as they come. The caller's place among the requests in work is given back with
/// the last of it, or by a watch over a caller that does not take it.
pub(crate) struct Body {
    source: Source,
    held: Held,
}

/// What the end of a body gives back.
enum Held {
    Nothing,
    Place(#[expect(dead_code, reason = "held until it is dropped")] Place),
    Watch(#[expect(dead_code, reason = "held until it is dropped")] DropGuard),
}

enum Source {
    Chunks { chunks: VecDeque<Bytes>, left: u64 },
    Live(mpsc::Receiver<Bytes>),
}

impl Body {
    /// No bytes.
    pub(crate) fn empty() -> Self {
        Self::chunks(VecDeque::new())
    }

    /// These bytes.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self::chunks(VecDeque::from([bytes]))
    }

    /// These pieces, one after another.
    pub(crate) fn chunks(chunks: VecDeque<Bytes>) -> Self {
        let left = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        Self {
            source: Source::Chunks { chunks, left },
            held: Held::Nothing,
        }
    }

    /// Whatever comes, until the sender is dropped.
    pub(crate) fn live(pieces: mpsc::Receiver<Bytes>) -> Self {
        Self {
            source: Source::Live(pieces),
            held: Held::Nothing,
        }
    }

    /// The same body; the place is given back with its end, or when its caller is let go for not taking it.
    pub(crate) fn holding(self, place: Place, leash: &Leash, patience: Duration) -> Self {
        let held = match leash.watch(place, self.length(), patience) {
            Ok(watch) => Held::Watch(watch),
            Err(place) => Held::Place(place),
        };
        Self { held, ..self }
    }

    /// The pieces that are left; none where they are still to come.
    pub(crate) fn pieces(&self) -> Option<&VecDeque<Bytes>> {
        match &self.source {
            Source::Chunks { chunks, .. } => Some(chunks),
            Source::Live(_) => None,
        }
    }

    /// How many bytes are left; none where that is not known.
    pub(crate) fn length(&self) -> Option<u64> {
        match &self.source {
            Source::Chunks { left, .. } => Some(*left),
            Source::Live(_) => None,
        }
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body")
            .field("length", &self.length())
            .finish_non_exhaustive()
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match &mut self.source {
            Source::Live(pieces) => std::task::ready!(pieces.poll_recv(context)),
            Source::Chunks { chunks, left } => {
                let next = chunks.pop_front();
                *left -= next.as_ref().map_or(0, |chunk| chunk.len() as u64);
                next
            }
        };
        if next.is_none() {
            self.held = Held::Nothing;
        }
        Poll::Ready(next.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.length() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.length()
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn pieces_come_out_in_order_and_their_length_is_known() {
        let pieces = ["ab", "", "cde"].map(|piece| Bytes::from_static(piece.as_bytes()));
        let body = Body::chunks(pieces.into());
        assert_eq!(body.length(), Some(5));
        assert_eq!(body.collect().await.unwrap().to_bytes().as_ref(), b"abcde");
    }

    #[tokio::test]
    async fn a_live_body_ends_with_its_sender() {
        let (sender, receiver) = mpsc::channel(4);
        sender.send(Bytes::from_static(b"x")).await.unwrap();
        drop(sender);
        let body = Body::live(receiver);
        assert_eq!(body.length(), None);
        assert_eq!(body.collect().await.unwrap().to_bytes().as_ref(), b"x");
    }
}
