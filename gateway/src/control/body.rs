//! Bodies of control-plane requests.

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde::de::DeserializeOwned;
use shared::codes::Code;

use crate::problem::Problem;

/// The most bytes that a request may have.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// Reads a body whole.
///
/// # Errors
/// `body_too_large`, `body_incomplete`.
pub(super) async fn read(body: Body, headers: &HeaderMap) -> Result<Bytes, Problem> {
    let too_large = || {
        let detail = format!("the body is larger than the {MOST_BYTES} bytes that are taken");
        Problem::new(Code::BodyTooLarge, detail)
    };
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > MOST_BYTES) {
        return Err(too_large());
    }
    let read = tokio::time::timeout(
        std::time::Duration::from_secs(30),
        to_bytes(body, MOST_BYTES),
    );
    match read.await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => {
            use std::error::Error;
            let limited = error.source().is_some_and(|source| {
                source
                    .downcast_ref::<http_body_util::LengthLimitError>()
                    .is_some()
            });
            Err(if limited {
                too_large()
            } else {
                Problem::new(Code::BodyIncomplete, "the body was cut off")
            })
        }
        Err(_) => Err(Problem::new(
            Code::BodyIncomplete,
            "the body did not arrive in time",
        )),
    }
}

/// What a body holds, as its type says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Media {
    Yaml,
    Json,
    Absent,
}

fn media(headers: &HeaderMap) -> Result<Media, Problem> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(Media::Absent);
    };
    let value = value.to_str().unwrap_or("?");
    let essence = value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => Ok(Media::Json),
        "application/yaml" | "application/x-yaml" | "text/yaml" => Ok(Media::Yaml),
        other => Err(Problem::new(
            Code::UnsupportedMediaType,
            format!("`{other}` is not taken: send application/yaml or application/json"),
        )),
    }
}

/// The text of a workflow document, in YAML or JSON.
///
/// # Errors
/// `unsupported_media_type`, `invalid_request`.
pub(super) fn document<'a>(headers: &HeaderMap, body: &'a Bytes) -> Result<&'a str, Problem> {
    media(headers)?;
    std::str::from_utf8(body)
        .map_err(|_| Problem::new(Code::InvalidRequest, "the document is not UTF-8"))
}

/// A JSON body; the default where there is none.
///
/// # Errors
/// `unsupported_media_type`, `invalid_request`.
pub(super) fn json<T: DeserializeOwned + Default>(
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<T, Problem> {
    if body.is_empty() {
        return Ok(T::default());
    }
    if media(headers)? == Media::Yaml {
        let detail = "this route takes application/json";
        return Err(Problem::new(Code::UnsupportedMediaType, detail));
    }
    serde_json::from_slice(body).map_err(|error| {
        Problem::new(
            Code::InvalidRequest,
            format!("the body cannot be read: {error}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(content_type: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, http::HeaderValue::from_static(content_type));
        headers
    }

    #[test]
    fn documents_come_as_yaml_or_json_and_as_nothing_else() {
        let body = Bytes::from_static(b"a: 1");
        for good in [
            "application/yaml",
            "application/x-yaml",
            "Application/JSON; charset=utf-8",
        ] {
            assert_eq!(document(&headers(good), &body).unwrap(), "a: 1");
        }
        let refused = document(&headers("text/html"), &body).unwrap_err();
        assert_eq!(refused.code(), Code::UnsupportedMediaType);
    }

    #[test]
    fn an_absent_json_body_is_the_default() {
        assert_eq!(
            json::<Option<u8>>(&HeaderMap::new(), &Bytes::new()).unwrap(),
            None
        );
        let refused = json::<Option<u8>>(&HeaderMap::new(), &Bytes::from_static(b"{")).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidRequest);
    }
}
