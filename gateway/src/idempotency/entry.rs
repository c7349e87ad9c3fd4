//! What stands in the bucket, and the replies in it.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use http::{HeaderName, HeaderValue, StatusCode};
use shared::codes::Code;
use shared::frame::{self, FrameError, Kind};
use shared::ids::RunId;
use shared::limits::IDEMPOTENCY_BODY;
use shared::v1::idempotency::{KeyedRequest, KeyedState};

use crate::problem::Problem;
use crate::reply::{Body, Response};

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Writes an entry.
pub(super) fn write(entry: &KeyedRequest, body: &[u8]) -> Result<Bytes, FrameError> {
    frame::encode(Kind::Keyed, entry, body)
}

/// Reads an entry and the body that it keeps.
pub(super) fn read(value: Bytes) -> Result<(KeyedRequest, Bytes), FrameError> {
    let frame = frame::decode(value)?;
    Ok((frame.head()?, frame.body))
}

/// What is kept of a reply, and its body.
pub(super) fn of(response: &Response) -> (KeyedState, Bytes) {
    let Some(pieces) = response.body().pieces() else {
        return (KeyedState::Stream, Bytes::new());
    };
    let length: usize = pieces.iter().map(Bytes::len).sum();
    let left_out = (length > IDEMPOTENCY_BODY).then_some(length as u64);
    let body = if left_out.is_some() {
        Bytes::new()
    } else {
        whole(pieces, length)
    };
    let headers = response.headers().iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    let state = KeyedState::Answered {
        status: response.status().as_u16(),
        headers: headers.collect(),
        left_out,
    };
    (state, body)
}

fn whole(pieces: &VecDeque<Bytes>, length: usize) -> Bytes {
    if let (Some(only), 1) = (pieces.front(), pieces.len()) {
        return only.clone();
    }
    let mut whole = BytesMut::with_capacity(length);
    for piece in pieces {
        whole.extend_from_slice(piece);
    }
    whole.freeze()
}

/// A reply that was given before.
///
/// # Errors
/// `idempotency_reply_not_kept` where it was too large.
pub(super) fn again(
    run_id: RunId,
    status: u16,
    headers: &[(String, String)],
    left_out: Option<u64>,
    body: Bytes,
) -> Result<Response, Problem> {
    if let Some(bytes) = left_out {
        let detail = format!(
            "the request with this Idempotency-Key has run; its reply, of {bytes} bytes, was too large to be kept"
        );
        return Err(Problem::new(Code::IdempotencyReplyNotKept, detail)
            .of_run(run_id)
            .fact("first_status", status));
    }
    let mut response = Response::new(if body.is_empty() {
        Body::empty()
    } else {
        Body::whole(body)
    });
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            response.headers_mut().append(name, value);
        }
    }
    Ok(replay(response))
}

/// The same reply, marked as one to a request that did not run again.
pub(crate) fn replay(mut response: Response) -> Response {
    metrics::counter!("earshot_gateway_replayed_total").increment(1);
    let mark = HeaderValue::from_static("true");
    response.headers_mut().insert(REPLAYED, mark);
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use uuid::Uuid;

    use super::*;

    const RUN: RunId = RunId(Uuid::from_u128(1));

    fn answered(response: &Response) -> Result<Response, Problem> {
        let (state, body) = of(response);
        let KeyedState::Answered {
            status,
            headers,
            left_out,
        } = state
        else {
            panic!("{state:?}");
        };
        again(RUN, status, &headers, left_out, body)
    }

    #[tokio::test]
    async fn a_kept_reply_comes_again_with_its_status_headers_and_body_and_a_mark() {
        let pieces = ["grü", "n"].map(|piece| Bytes::from_static(piece.as_bytes()));
        let mut first = Response::new(Body::chunks(pieces.into()));
        *first.status_mut() = StatusCode::IM_A_TEAPOT;
        for value in ["a=1", "b=2"] {
            let value = HeaderValue::from_static(value);
            first.headers_mut().append("set-cookie", value);
        }
        let again = answered(&first).unwrap();
        assert_eq!(again.status(), 418);
        let cookies: Vec<_> = again.headers().get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
        assert_eq!(again.headers()["idempotency-replayed"], "true");
        let body = again.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body.as_ref(), "grün".as_bytes());
    }

    #[test]
    fn a_reply_that_fits_into_no_message_is_told_of_and_a_stream_is_found_by_its_run() {
        let large = Response::new(Body::whole(vec![0; IDEMPOTENCY_BODY + 1].into()));
        let told = answered(&large).unwrap_err();
        assert_eq!(told.code(), Code::IdempotencyReplyNotKept);
        answered(&Response::new(Body::whole(
            vec![0; IDEMPOTENCY_BODY].into(),
        )))
        .unwrap();
        let (_sender, frames) = tokio::sync::mpsc::channel(1);
        let stream = Response::new(Body::live(frames));
        assert_eq!(of(&stream).0, KeyedState::Stream);
    }
}
