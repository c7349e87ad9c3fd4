//! Taking a request in: its body within bounds of size and time, its headers, its caller's address.

mod address;
mod body;
mod headers;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use shared::codes::Code;
use shared::v1::run::{BodyKind, Received};
use workflow::data::{BodyProblem, classify};

use crate::asked::Asked;
use crate::problem::Problem;
use crate::verdict::Admitted;

pub(crate) use address::caller;
pub(crate) use body::{Waiting, check_head, read};

/// Says which receiving rule applies to a body (spec section 3).
///
/// # Errors
/// `malformed_body`, with line and column where they are known.
pub(crate) fn kind(parts: &Parts, has_body: bool, body: &Bytes) -> Result<BodyKind, Problem> {
    let value = parts.headers.get(CONTENT_TYPE).map(headers::text);
    let content_type = value.as_deref().filter(|_| has_body);
    classify(content_type, body).map_err(|problem| {
        let detail = problem.to_string();
        let refused = Problem::new(Code::MalformedBody, detail);
        match problem {
            BodyProblem::Json { line, column, .. } => {
                refused.fact("line", line).fact("column", column)
            }
            BodyProblem::Multipart { .. } => refused,
        }
    })
}

/// The request as the run sees it, less its body.
pub(crate) fn received(
    asked: &Asked,
    parts: &Parts,
    ip: String,
    admitted: Option<&Admitted>,
    body_kind: BodyKind,
) -> Received {
    let hidden = admitted
        .map(|admitted| admitted.carriers.as_slice())
        .unwrap_or_default();
    Received {
        received_at_ms: asked.at_ms,
        method: parts.method.as_str().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        ip,
        headers: headers::passed_on(parts, hidden),
        claims: admitted.map(|admitted| admitted.claims.to_string()),
        body_kind,
    }
}
