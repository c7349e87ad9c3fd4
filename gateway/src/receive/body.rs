//! Reading a body: never more of it, nor longer, than the endpoint allows.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use shared::codes::Code;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::task::TaskTracker;

use crate::problem::Problem;

/// How much of a refused body is read and thrown away, so that its sender gets to read the reply.
const DISCARDED_BYTES: u64 = 16 * 1024 * 1024;

/// How long that may take.
const DISCARDED_TIME: Duration = Duration::from_secs(5);

/// A body that has not been read yet.
///
/// A caller that is still sending reads no reply, and a connection that is closed on unread bytes takes the reply
/// with it. So a body that nobody wants is read and thrown away, within bounds, while the reply goes out. A caller
/// that asked first (`Expect: 100-continue`) has not begun to send, and is not told to.
pub(crate) struct Waiting {
    body: Option<Incoming>,
    asks_first: bool,
    tasks: TaskTracker,
}

impl Waiting {
    /// The body of a request.
    pub(crate) fn new(body: Incoming, headers: &HeaderMap, tasks: TaskTracker) -> Self {
        Self {
            body: Some(body),
            asks_first: headers.contains_key(EXPECT),
            tasks,
        }
    }
}

/// A body as the control plane reads it. A caller that asked first is told to send by the first look.
impl Body for Waiting {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.asks_first = false;
        match self.body.as_mut() {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let Some(body) = self.body.take() else { return };
        if self.asks_first || body.is_end_stream() {
            return;
        }
        self.tasks.spawn(async move {
            let _ = timeout(DISCARDED_TIME, discard(body)).await;
        });
    }
}

async fn discard(mut body: Incoming) {
    let mut left = DISCARDED_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let size = frame.data_ref().map_or(0, |data| data.len() as u64);
        let Some(rest) = left.checked_sub(size) else {
            return;
        };
        left = rest;
    }
}

/// Whether a request has a body at all, however short.
pub(crate) fn has_body(headers: &HeaderMap, read: &Bytes) -> bool {
    headers.contains_key(CONTENT_LENGTH)
        || headers.contains_key(TRANSFER_ENCODING)
        || !read.is_empty()
}

/// Refuses what the headers alone show to be too much.
///
/// # Errors
/// `body_too_large`, `unsupported_encoding`.
pub(crate) fn check_head(headers: &HeaderMap, most: u64) -> Result<(), Problem> {
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length > most) {
        return Err(too_large(most));
    }
    let encoded = headers.get_all(CONTENT_ENCODING).iter().any(|value| {
        let value = value.to_str().unwrap_or("?");
        !value.trim().is_empty() && !value.trim().eq_ignore_ascii_case("identity")
    });
    if encoded {
        let detail = "the endpoint takes no content encoding; send the body as it is";
        return Err(Problem::new(Code::UnsupportedEncoding, detail));
    }
    Ok(())
}

/// Reads a body whole, and says whether there was one.
///
/// # Errors
/// `body_too_large`, or `body_incomplete` for one that is late or cut off.
pub(crate) async fn read(
    mut waiting: Waiting,
    headers: &HeaderMap,
    most: u64,
    patience: Duration,
) -> Result<(Bytes, bool), Problem> {
    let deadline = Instant::now() + patience;
    let mut whole = Collected::default();
    while let Some(body) = waiting.body.as_mut() {
        match timeout_at(deadline, body.frame()).await {
            Ok(None) => break,
            Ok(Some(Ok(frame))) => {
                let Ok(data) = frame.into_data() else {
                    continue;
                };
                if whole.size() as u64 + data.len() as u64 > most {
                    waiting.asks_first = false;
                    return Err(too_large(most));
                }
                whole.add(data);
            }
            Ok(Some(Err(error))) => {
                tracing::debug!(%error, "a body was cut off");
                waiting.body = None;
                return Err(incomplete("the body was cut off"));
            }
            Err(_) => {
                // A sender this slow is not waited for any longer: its connection ends.
                waiting.body = None;
                return Err(incomplete("the body did not arrive in time"));
            }
        }
    }
    waiting.body = None;
    let bytes = whole.finish();
    let there = has_body(headers, &bytes);
    Ok((bytes, there))
}

/// A body so far; one that comes in a single piece is never copied.
#[derive(Default)]
struct Collected {
    first: Bytes,
    more: BytesMut,
}

impl Collected {
    fn size(&self) -> usize {
        self.first.len().max(self.more.len())
    }

    fn add(&mut self, data: Bytes) {
        if self.first.is_empty() && self.more.is_empty() {
            self.first = data;
            return;
        }
        if self.more.is_empty() {
            self.more.extend_from_slice(&self.first);
            self.first = Bytes::new();
        }
        self.more.extend_from_slice(&data);
    }

    fn finish(self) -> Bytes {
        if self.more.is_empty() {
            self.first
        } else {
            self.more.freeze()
        }
    }
}

fn too_large(most: u64) -> Problem {
    let detail = format!("the body is larger than the {most} bytes that the endpoint takes");
    Problem::new(Code::BodyTooLarge, detail)
}

fn incomplete(detail: &str) -> Problem {
    Problem::new(Code::BodyIncomplete, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(pairs: &[(&'static str, &'static str)]) -> Option<Code> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, http::HeaderValue::from_static(value));
        }
        check_head(&headers, 10).err().map(|problem| problem.code())
    }

    #[test]
    fn a_length_over_the_cap_is_refused_before_a_byte_is_read() {
        assert_eq!(code(&[("content-length", "10")]), None);
        assert_eq!(code(&[("content-length", "11")]), Some(Code::BodyTooLarge));
    }

    #[test]
    fn only_the_identity_encoding_is_taken() {
        assert_eq!(code(&[("content-encoding", "identity")]), None);
        assert_eq!(code(&[("content-encoding", "Identity")]), None);
        for encoding in ["gzip", "br", "identity, gzip"] {
            assert_eq!(
                code(&[("content-encoding", encoding)]),
                Some(Code::UnsupportedEncoding)
            );
        }
    }

    #[test]
    fn pieces_come_together_in_order() {
        let mut whole = Collected::default();
        for piece in ["", "ab", "", "c", "def"] {
            whole.add(Bytes::from_static(piece.as_bytes()));
        }
        assert_eq!(whole.size(), 6);
        assert_eq!(whole.finish().as_ref(), b"abcdef");
    }
}
