//! Replies whose status and headers an author chose.

use std::collections::VecDeque;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use shared::codes::Code;
use workflow::reply::is_gateways_own;

use super::{Body, Response};
use crate::problem::Problem;

/// A whole reply.
///
/// # Errors
/// `reply_refused` for a status that no final reply has.
pub(super) fn authored(
    status: u16,
    headers: &[(String, String)],
    chunks: VecDeque<Bytes>,
) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(status)
        .ok()
        .filter(|status| status.as_u16() >= 200);
    let Some(status) = status else {
        return Err(Problem::new(
            Code::ReplyRefused,
            "the reply's status is none that can be sent",
        ));
    };
    let bodiless = matches!(status.as_u16(), 204 | 304);
    let body = if bodiless {
        Body::empty()
    } else {
        Body::chunks(chunks)
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    add(headers, response.headers_mut());
    if !bodiless {
        let length = response.body().length().unwrap_or_default();
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Ok(response)
}

/// The head of an event stream, over which no buffer and no cache may sit.
pub(crate) fn head_of_stream(headers: &[(String, String)], body: Body) -> Response {
    let mut response = Response::new(body);
    let fields = response.headers_mut();
    add(headers, fields);
    fields.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    fields.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn add(headers: &[(String, String)], fields: &mut HeaderMap) {
    for (name, value) in headers {
        let field = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        match (field, value) {
            (Ok(field), Ok(value)) if !is_gateways_own(field.as_str()) => {
                fields.append(field, value);
            }
            (Ok(_), Ok(_)) => {}
            _ => tracing::warn!("a header of a reply was left out: it cannot be sent"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(
        status: u16,
        headers: &[(&str, &str)],
        body: &'static str,
    ) -> Result<Response, Problem> {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        authored(
            status,
            &headers,
            [Bytes::from_static(body.as_bytes())].into(),
        )
    }

    #[test]
    fn cr_and_lf_and_framing_headers_never_reach_the_wire() {
        let headers = [
            ("x-a", "1\r\nset-cookie: b"),
            ("bad name", "1"),
            ("Content-Length", "9"),
            ("x-b", "grün"),
        ];
        let response = made(200, &headers, "abc").unwrap();
        assert!(response.headers().get("x-a").is_none());
        assert!(response.headers().get("set-cookie").is_none());
        assert_eq!(response.headers()["content-length"], "3");
        assert_eq!(response.headers()["x-b"].as_bytes(), "grün".as_bytes());
    }

    #[test]
    fn a_reply_without_a_body_by_definition_has_none() {
        let response = made(204, &[], "abc").unwrap();
        assert!(response.headers().get("content-length").is_none());
        assert_eq!(response.body().length(), Some(0));
    }

    #[test]
    fn only_a_final_status_is_sent() {
        for status in [0, 99, 100, 101, 199, 1000] {
            assert_eq!(
                made(status, &[], "").unwrap_err().code(),
                Code::ReplyRefused,
                "{status}"
            );
        }
    }
}
