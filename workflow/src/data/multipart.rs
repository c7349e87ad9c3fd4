//! `multipart/form-data` bodies (RFC 7578).

use std::convert::Infallible;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::{FutureExt, stream};
use multer::{Field, Multipart};

use super::disposition;
use super::parameters::parameters;
use super::problem::BodyProblem;

/// One part of the body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The field's name.
    pub(super) name: String,
    /// The file's name, where the part is a file.
    pub(super) filename: Option<String>,
    /// The part's own `Content-Type`.
    pub(super) content_type: Option<String>,
    /// The bytes, after `Content-Transfer-Encoding`.
    pub(super) bytes: Bytes,
}

/// Reads all parts.
pub(super) fn parse(content_type: &str, body: &[u8]) -> Result<Vec<Part>, BodyProblem> {
    let mut named = parameters(content_type).into_iter();
    let boundary = named
        .find(|(name, _)| name == "boundary")
        .map(|(_, value)| value);
    let Some(boundary) = boundary.filter(|boundary| !boundary.is_empty()) else {
        return Err(BodyProblem::multipart("the Content-Type names no boundary"));
    };
    // A preamble is legal in mail. Here it would be the first part, lost to a boundary that does not
    // fit.
    let blank = body
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    let begun = body.get(blank..).and_then(|rest| rest.strip_prefix(b"--"));
    if !begun.is_some_and(|rest| rest.starts_with(boundary.as_bytes())) {
        return Err(BodyProblem::multipart(
            "the body does not begin with the boundary",
        ));
    }
    // All bytes are there, so the reader never waits: one poll is enough.
    read(boundary, Bytes::copy_from_slice(body))
        .now_or_never()
        .unwrap_or_else(|| Err(BodyProblem::multipart("the body ends early")))
}

async fn read(boundary: String, body: Bytes) -> Result<Vec<Part>, BodyProblem> {
    let bytes = stream::once(async { Ok::<_, Infallible>(body) });
    let mut reader = Multipart::new(bytes, boundary);
    let mut parts = Vec::new();
    // tidy-allow(await): all bytes are there, so it never waits
    while let Some(field) = reader.next_field().await.map_err(malformed)? {
        // tidy-allow(await): all bytes are there, so it never waits
        parts.push(part(field).await?);
    }
    Ok(parts)
}

async fn part(field: Field<'_>) -> Result<Part, BodyProblem> {
    let header = |name: &str| {
        field
            .headers()
            .get(name)
            .map(|value| value.as_bytes().to_vec())
    };
    let Some(written) = header("content-disposition") else {
        return Err(BodyProblem::multipart("a part has no Content-Disposition"));
    };
    let found = disposition::parse(&written);
    let Some(name) = found.name else {
        return Err(BodyProblem::multipart("a part has no name"));
    };
    let encoding = header("content-transfer-encoding").unwrap_or_default();
    let content_type =
        header("content-type").map(|value| String::from_utf8_lossy(&value).into_owned());
    // tidy-allow(await): all bytes are there, so it never waits
    let bytes = field.bytes().await.map_err(malformed)?;
    let bytes = decode(&encoding, bytes)?;
    Ok(Part {
        name,
        filename: found.filename,
        content_type,
        bytes,
    })
}

/// Undoes a `Content-Transfer-Encoding`. RFC 7578 section 4.7 does away with it, yet base64 occurs.
fn decode(encoding: &[u8], bytes: Bytes) -> Result<Bytes, BodyProblem> {
    let encoding = String::from_utf8_lossy(encoding)
        .trim()
        .to_ascii_lowercase();
    match encoding.as_str() {
        "" | "7bit" | "8bit" | "binary" => Ok(bytes),
        "base64" => {
            let digits: Vec<u8> = bytes
                .iter()
                .copied()
                .filter(|byte| !byte.is_ascii_whitespace())
                .collect();
            let decoded = STANDARD.decode(digits);
            decoded
                .map(Bytes::from)
                .map_err(|_| BodyProblem::multipart("a part is no base64"))
        }
        _ => Err(BodyProblem::multipart(
            "a part's Content-Transfer-Encoding is none of binary and base64",
        )),
    }
}

fn malformed(error: multer::Error) -> BodyProblem {
    BodyProblem::multipart(match error {
        multer::Error::IncompleteStream => "no boundary where one must stand, or no end".to_owned(),
        other => other.to_string(),
    })
}
