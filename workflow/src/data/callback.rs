//! The request that called a resume URL, as scripts see it.

use bytes::Bytes;
use jiff::Timestamp;
use script::Value;
use shared::v1::run::{BodyKind, Received};

use super::body::text_or_base64;
use super::fields::{self, Grouped};
use super::headers::{spellings, spelt_twice};
use super::problem::BodyProblem;
use super::received::{content_type, place};
use super::{json, multipart};

/// `method`, `headers`, `query`, `body` and `received_at`. The body is read as a listener's is: JSON as its value, the
/// fields of a form as a map, anything else as text, or base64 where it is none; and null where there is no body. Uploaded
/// files stand under `files`.
///
/// # Errors
/// When the body is not what [`Received::body_kind`] says.
pub(crate) fn callback(received: &Received, body: &Bytes) -> Result<Value, BodyProblem> {
    let named = received.headers.iter();
    let named = named.map(|(name, value)| (name.as_str(), value.as_str()));
    let received_at = Timestamp::from_millisecond(received.received_at_ms).unwrap_or_default();
    let mut files = None;
    let body = match received.body_kind {
        BodyKind::Empty => Value::from(()),
        BodyKind::Json => json::parse(body)?,
        BodyKind::Form => Value::from_pairs(fields::parse(body).into_pairs()),
        BodyKind::Multipart => {
            let (mut texts, mut uploaded) = (Grouped::new(), Grouped::new());
            for part in multipart::parse(content_type(received), body)? {
                place(part, &mut texts, &mut uploaded);
            }
            files = Some(Value::from_pairs(uploaded.into_lists()));
            Value::from_pairs(texts.into_pairs())
        }
        BodyKind::Other => text_or_base64(body).0,
    };
    let query = fields::parse(received.query.as_bytes()).into_pairs();
    let mut members = vec![
        ("method", Value::from(received.method.as_str())),
        ("headers", Value::from_pairs(spelt_twice(spellings(named)))),
        ("query", Value::from_pairs(query)),
        ("body", body),
        ("received_at", Value::from(received_at.to_string())),
    ];
    members.extend(files.map(|files| ("files", files)));
    Ok(Value::from_pairs(members))
}
