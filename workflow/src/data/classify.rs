//! Which of the receiving rules applies to a body.

use shared::v1::run::BodyKind;

use super::problem::BodyProblem;
use super::{json, multipart};

/// Decides how a body is read, by its `Content-Type` and its bytes. The first rule that fits wins:
///
/// 1. `application/x-www-form-urlencoded` and `multipart/form-data` are forms;
/// 2. `application/json` and `*+json` are JSON, and so is a body without a type or with
///    `text/plain` that reads as a JSON object or array;
/// 3. any other body is text;
/// 4. without a body the query string stands alone.
///
/// Parameters such as `charset` change nothing: JSON is UTF-8.
///
/// A request *without a body* (neither `Content-Length` nor `Transfer-Encoding`, as a GET is) must
/// be asked about with `content_type: None`, whatever type it names: no body is no malformed body.
/// With a body of zero bytes under a JSON type the answer is a problem.
///
/// # Errors
/// When the body is malformed under a JSON or multipart type.
pub fn classify(content_type: Option<&str>, body: &[u8]) -> Result<BodyKind, BodyProblem> {
    match Media::of(content_type) {
        Media::Form => Ok(BodyKind::Form),
        Media::Multipart(content_type) => {
            multipart::parse(content_type, body)?;
            Ok(BodyKind::Multipart)
        }
        Media::Json => json::check(body).map(|()| BodyKind::Json),
        Media::Unsaid if json::is_container(body) && json::check(body).is_ok() => {
            Ok(BodyKind::Json)
        }
        Media::Unsaid | Media::Other if body.is_empty() => Ok(BodyKind::Empty),
        Media::Unsaid | Media::Other => Ok(BodyKind::Other),
    }
}

/// Whether a `Content-Type` names JSON.
pub(crate) fn says_json(content_type: Option<&str>) -> bool {
    matches!(Media::of(content_type), Media::Json)
}

/// What a `Content-Type` says, as far as the rules care.
enum Media<'a> {
    Form,
    /// With the whole header value, which holds the boundary.
    Multipart(&'a str),
    Json,
    /// Absent or `text/plain`: some senders of JSON say no more.
    Unsaid,
    Other,
}

impl<'a> Media<'a> {
    fn of(content_type: Option<&'a str>) -> Self {
        let Some(whole) = content_type else {
            return Self::Unsaid;
        };
        let essence = whole
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        match essence.as_str() {
            "" | "text/plain" => Self::Unsaid,
            "application/x-www-form-urlencoded" => Self::Form,
            "multipart/form-data" => Self::Multipart(whole),
            "application/json" => Self::Json,
            other if other.contains('/') && other.ends_with("+json") => Self::Json,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(content_type: &str, body: &str) -> BodyKind {
        let content_type = (content_type != "absent").then_some(content_type);
        classify(content_type, body.as_bytes()).unwrap()
    }

    #[test]
    fn the_type_chooses_the_rule_whatever_its_case_and_parameters() {
        for (content_type, body, expected) in [
            ("application/x-www-form-urlencoded", "a=1", BodyKind::Form),
            (
                "Application/X-WWW-Form-Urlencoded; charset=UTF-8",
                "a=1",
                BodyKind::Form,
            ),
            ("application/x-www-form-urlencoded", "", BodyKind::Form),
            (
                "multipart/form-data; boundary=x",
                "--x--\r\n",
                BodyKind::Multipart,
            ),
            ("application/json", "1", BodyKind::Json),
            ("application/json; charset=utf-8", "{}", BodyKind::Json),
            ("APPLICATION/JSON", "[]", BodyKind::Json),
            ("application/cloudevents+json", "{}", BodyKind::Json),
            ("application/problem+json ; x=y", "\"text\"", BodyKind::Json),
            ("text/csv", "a,b", BodyKind::Other),
            ("application/xml", "<a/>", BodyKind::Other),
            ("nonsense", "{}", BodyKind::Other),
            ("+json", "{}", BodyKind::Other),
            ("text/csv", "", BodyKind::Empty),
        ] {
            assert_eq!(kind(content_type, body), expected, "{content_type} {body}");
        }
    }

    #[test]
    fn an_object_or_array_without_a_type_of_its_own_is_json() {
        for (body, expected) in [
            ("{\"a\": 1}", BodyKind::Json),
            (" \r\n\t[1]", BodyKind::Json),
            ("{\"a\": 1", BodyKind::Other),
            ("{} {}", BodyKind::Other),
            ("\"text\"", BodyKind::Other),
            ("12", BodyKind::Other),
            ("null", BodyKind::Other),
            ("\u{feff}{}", BodyKind::Other),
            ("hello", BodyKind::Other),
            (" ", BodyKind::Other),
            ("", BodyKind::Empty),
        ] {
            for content_type in ["absent", "", "text/plain", "text/plain; charset=utf-8"] {
                assert_eq!(kind(content_type, body), expected, "{content_type} {body}");
            }
        }
    }

    #[test]
    fn malformed_json_under_a_json_type_names_line_and_column() {
        let problem = classify(Some("application/json"), b"{\n  \"a\": tru\n}").unwrap_err();
        let BodyProblem::Json {
            line,
            column,
            message,
        } = problem
        else {
            panic!("{problem}")
        };
        assert_eq!((line, column), (2, 11));
        assert!(!message.contains("line"), "{message}");
    }

    #[test]
    fn a_mark_before_the_json_bad_text_and_no_byte_at_all_are_refused_under_a_json_type() {
        for body in [
            &b"\xef\xbb\xbf{}"[..],
            b"\"\xff\"",
            b"{\"\xc3\": 1}",
            b"",
            b" ",
            b"{}x",
        ] {
            assert!(
                classify(Some("application/json"), body).is_err(),
                "{body:?}"
            );
            assert!(classify(Some("a/b+json"), body).is_err(), "{body:?}");
        }
    }

    #[test]
    fn json_that_nests_too_deep_or_has_a_number_out_of_range_is_refused() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(kind("application/json", &nested(127)), BodyKind::Json);
        for body in [
            nested(129),
            nested(100_000),
            "[1e400]".to_owned(),
            "-1e999".to_owned(),
        ] {
            assert!(classify(Some("application/json"), body.as_bytes()).is_err());
        }
        assert_eq!(kind("absent", &nested(129)), BodyKind::Other);
    }

    #[test]
    fn a_boundary_may_be_quoted_or_hold_what_should_be_quoted() {
        for content_type in [
            "multipart/form-data; boundary=\"--=_Part 1\"; charset=utf-8",
            "Multipart/Form-Data; charset=utf-8; Boundary=--=_Part 1",
        ] {
            assert_eq!(
                kind(content_type, "----=_Part 1--\r\n"),
                BodyKind::Multipart
            );
        }
    }

    #[test]
    fn a_multipart_body_without_boundary_or_end_is_refused() {
        for (content_type, body) in [
            ("multipart/form-data", "--x--\r\n"),
            ("multipart/form-data; boundary=", "--x--\r\n"),
            ("multipart/form-data; boundary=x", ""),
            ("multipart/form-data; boundary=x", "--y--\r\n"),
            ("multipart/form-data; boundary=x", "--x\r\n"),
            (
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nno end",
            ),
            (
                "multipart/form-data; boundary=x",
                "--x\r\nA: b\r\n\r\nno name\r\n--x--",
            ),
        ] {
            let result = classify(Some(content_type), body.as_bytes());
            assert!(
                matches!(result, Err(BodyProblem::Multipart { .. })),
                "{content_type} {body}"
            );
        }
    }
}
