//! `ETag` and `If-Match` (RFC 9110 section 13): nobody overwrites what they have not seen.

use http::header::IF_MATCH;
use http::{HeaderMap, HeaderValue};
use shared::codes::Code;

use crate::problem::Problem;

/// The etag that the author saw; `*` for any. None without `If-Match`.
///
/// # Errors
/// `precondition_failed` for a weak tag, which never matches; `invalid_request` for what is no tag.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(IF_MATCH).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text.starts_with("W/") {
        return Err(Problem::new(
            Code::PreconditionFailed,
            "a weak tag never matches",
        ));
    }
    let quoted = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match (text, quoted, values.next()) {
        ("*", _, None) => Ok(Some("*".to_owned())),
        (_, Some(tag), None) if !tag.is_empty() && !tag.contains('"') => Ok(Some(tag.to_owned())),
        _ => Err(Problem::new(
            Code::InvalidRequest,
            "If-Match takes one quoted tag, as `ETag` gave it, or *",
        )),
    }
}

/// As [`if_match`], where a change without it is refused.
///
/// # Errors
/// `precondition_required` beside those of [`if_match`].
pub(super) fn required(headers: &HeaderMap) -> Result<String, Problem> {
    if_match(headers)?.ok_or_else(|| {
        let detail = "send If-Match with the ETag of the workflow as you read it, or * for any";
        Problem::new(Code::PreconditionRequired, detail)
    })
}

/// The tag as a header.
pub(super) fn etag(tag: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("\"{tag}\"")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &'static str) -> Result<Option<String>, Code> {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, HeaderValue::from_static(value));
        if_match(&headers).map_err(|problem| problem.code())
    }

    #[test]
    fn a_tag_reads_back_as_it_was_given() {
        let given = etag("abc").unwrap();
        assert_eq!(given, "\"abc\"");
        assert_eq!(read("\"abc\""), Ok(Some("abc".to_owned())));
        assert_eq!(read("*"), Ok(Some("*".to_owned())));
        assert_eq!(if_match(&HeaderMap::new()).unwrap(), None);
    }

    #[test]
    fn weak_tags_lists_and_bare_words_are_refused() {
        assert_eq!(read("W/\"abc\""), Err(Code::PreconditionFailed));
        for value in ["abc", "\"a\", \"b\"", "\"", "\"\""] {
            assert_eq!(read(value), Err(Code::InvalidRequest), "{value}");
        }
    }

    #[test]
    fn a_change_without_a_tag_is_told_to_bring_one() {
        let refused = required(&HeaderMap::new()).unwrap_err();
        assert_eq!(refused.code(), Code::PreconditionRequired);
    }
}
