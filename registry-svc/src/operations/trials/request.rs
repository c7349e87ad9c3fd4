//! The request of a replay or a test run: what the run log has of the earlier one, and what a person gives instead.

use bytes::Bytes;
use serde_json::{Map, Value};
use shared::codes::Code;
use shared::limits::MAX_BODY;
use shared::v1::reply::Failure;
use shared::v1::run::Received;
use shared::v1::run_log::RunRecord;
use shared::v1::trials::Given;
use workflow::data::classify;

use crate::operations::refusal;

/// The longest name of a method or header, the longest value of a header, and the longest query, in bytes; and how many
/// headers there may be.
const LONGEST_NAME: usize = 128;
const LONGEST_TEXT: usize = 64 * 1024;
const MOST_HEADERS: usize = 200;

/// A request that is ready to go into the queue.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) received: Received,
    pub(super) body: Bytes,
    /// What the earlier run had and this one has not.
    pub(super) absent: Vec<String>,
}

/// The request of a replay: that of the earlier run, in which what is given takes the place of what was.
///
/// # Errors
/// `payload_needed` where the record has no request, or not all of a body that is not given; and as [`of_test`].
pub(super) fn of_replay(
    record: &RunRecord,
    given: Option<&Given>,
    listens: bool,
    now_ms: i64,
) -> Result<Prepared, Failure> {
    let told = &record.request;
    let given = given.cloned().unwrap_or_default();
    // Data are an object at least.
    let nothing = match record.trigger {
        Some(_) => told.body.size == 0,
        None => told.path.is_empty(),
    };
    if nothing && given.body.is_none() {
        return Err(needed(
            "the run log has no request of the run: send one as `payload`",
        ));
    }
    if told.body.truncated && given.body.is_none() {
        let (kept, size) = (told.body.bytes.len(), told.body.size);
        return Err(needed(&format!(
            "the run log keeps {kept} of the {size} bytes of the run's body: send the whole body in `payload.body`"
        )));
    }
    let kept = Bytes::from(told.body.bytes.clone());
    if !listens {
        return without_request(record, &given, kept, now_ms);
    }
    let (method, headers) = match record.trigger {
        // There was no request, only data.
        Some(_) => ("POST", vec![header("content-type", "application/json")?]),
        None => (told.method.as_str(), told.headers.clone()),
    };
    let whole = Given {
        method: given.method.or_else(|| Some(method.to_owned())),
        query: given.query.or_else(|| Some(told.query.clone())),
        headers: given.headers.or(Some(headers)),
        ..given
    };
    prepare(&whole, Some(kept), now_ms)
}

/// A replay as a run of a workflow without a listener, which has data alone and no other part of a request.
fn without_request(
    record: &RunRecord,
    given: &Given,
    kept: Bytes,
    now_ms: i64,
) -> Result<Prepared, Failure> {
    let told = &record.request;
    if record.trigger.is_some() {
        return of_data(given, Some(kept), now_ms);
    }
    if given.body.is_none() && !kept.is_empty() && !is_object(&kept) {
        return Err(needed(
            "the body of the run is no JSON object, and the workflow to be run has no listener: send what is to stand under `__data` in `payload.body`",
        ));
    }
    let mut prepared = of_data(given, Some(kept), now_ms)?;
    let lost = [
        ("query", told.query.is_empty()),
        ("headers", told.headers.is_empty()),
    ];
    let lost = lost.iter().filter(|(_, empty)| !empty);
    prepared
        .absent
        .extend(lost.map(|(part, _)| (*part).to_owned()));
    Ok(prepared)
}

fn is_object(body: &[u8]) -> bool {
    serde_json::from_slice::<Map<String, Value>>(body).is_ok()
}

/// The request of a test run. What is not given is a `POST` without a query, headers and body.
///
/// # Errors
/// `invalid_request` where it is no request, `body_too_large`, and `malformed_body` where the body is not what its type
/// says.
pub(super) fn of_test(given: &Given, listens: bool, now_ms: i64) -> Result<Prepared, Failure> {
    if listens {
        prepare(given, None, now_ms)
    } else {
        of_data(given, None, now_ms)
    }
}

/// What a run of a workflow without a listener begins with: a JSON object alone.
fn of_data(given: &Given, kept: Option<Bytes>, now_ms: i64) -> Result<Prepared, Failure> {
    let body = given.body.as_ref();
    let body = body.map(|body| Bytes::from(body.bytes.clone())).or(kept);
    let body = body.filter(|body| !body.is_empty());
    let body = body.unwrap_or(Bytes::from_static(b"{}"));
    let data = Given {
        method: None,
        query: None,
        headers: Some(vec![header("content-type", "application/json")?]),
        body: None,
        claims: None,
    };
    let prepared = prepare(&data, Some(body), now_ms)?;
    if !prepared.body.trim_ascii_start().starts_with(b"{") {
        return Err(refusal::invalid(
            "the workflow has no listener: `payload.body` is a JSON object, what stands under `__data`",
        ));
    }
    let received = Received {
        method: String::new(),
        headers: Vec::new(),
        ..prepared.received
    };
    Ok(Prepared {
        received,
        ..prepared
    })
}

fn prepare(given: &Given, kept: Option<Bytes>, now_ms: i64) -> Result<Prepared, Failure> {
    let method = given.method.as_deref().unwrap_or("POST").to_uppercase();
    if method.is_empty() || method.len() > LONGEST_NAME || !method.bytes().all(is_token) {
        return Err(refusal::invalid("`payload.method` is no HTTP method"));
    }
    let query = given.query.clone().unwrap_or_default();
    let query = query.strip_prefix('?').unwrap_or(&query).to_owned();
    if query.len() > LONGEST_TEXT || query.bytes().any(|byte| byte.is_ascii_control()) {
        return Err(refusal::invalid(format!(
            "`payload.query` is at most {LONGEST_TEXT} bytes without control characters"
        )));
    }
    let mut headers = headers(given.headers.as_deref().unwrap_or_default())?;
    let body = match &given.body {
        Some(body) => {
            if let Some(content_type) = &body.content_type {
                headers.retain(|(name, _)| name != "content-type");
                headers.push(header("content-type", content_type)?);
            }
            Bytes::from(body.bytes.clone())
        }
        None => kept.unwrap_or_default(),
    };
    if body.len() as u64 > MAX_BODY {
        let detail = format!("the body has more than {MAX_BODY} bytes");
        return Err(Failure::new(Code::BodyTooLarge, detail));
    }
    for (name, value) in &mut headers {
        if name == "content-length" {
            *value = body.len().to_string();
        }
    }
    let named = headers.iter().find(|(name, _)| name == "content-type");
    // No body is no malformed body.
    let content_type = named
        .map(|(_, value)| value.as_str())
        .filter(|_| !body.is_empty());
    let body_kind = classify(content_type, &body)
        .map_err(|problem| Failure::new(Code::MalformedBody, problem.to_string()))?;
    let received = Received {
        received_at_ms: now_ms,
        method,
        query,
        ip: String::new(),
        headers,
        claims: given.claims.clone(),
        body_kind,
    };
    Ok(Prepared {
        received,
        body,
        absent: Vec::new(),
    })
}

fn headers(given: &[(String, String)]) -> Result<Vec<(String, String)>, Failure> {
    if given.len() > MOST_HEADERS {
        return Err(refusal::invalid(format!(
            "`payload.headers` are at most {MOST_HEADERS}"
        )));
    }
    let headers = given.iter();
    headers.map(|(name, value)| header(name, value)).collect()
}

fn header(name: &str, value: &str) -> Result<(String, String), Failure> {
    if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(is_token) {
        return Err(refusal::invalid(format!(
            "`{}` is no name of a header",
            name.escape_debug().take(LONGEST_NAME).collect::<String>()
        )));
    }
    let control = |letter: char| letter.is_control() && letter != '\t';
    if value.len() > LONGEST_TEXT || value.chars().any(control) {
        return Err(refusal::invalid(format!(
            "the header `{name}` is at most {LONGEST_TEXT} bytes without control characters"
        )));
    }
    Ok((name.to_ascii_lowercase(), value.to_owned()))
}

/// What names of methods and headers are made of (RFC 9110, section 5.6.2).
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

fn needed(detail: &str) -> Failure {
    Failure::new(Code::PayloadNeeded, detail)
}

#[cfg(test)]
mod tests {
    use shared::v1::run::BodyKind;
    use shared::v1::run_log::Payload;
    use shared::v1::trials::GivenBody;

    use super::*;

    fn body(text: &str, content_type: Option<&str>) -> Given {
        Given {
            body: Some(GivenBody {
                bytes: text.as_bytes().to_vec(),
                content_type: content_type.map(str::to_owned),
            }),
            ..Given::default()
        }
    }

    fn headers_of(pairs: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Some(pairs.iter().map(owned).collect())
    }

    #[test]
    fn nothing_given_is_a_post_of_nothing() {
        let prepared = of_test(&Given::default(), true, 7).unwrap();
        assert_eq!(prepared.received.method, "POST");
        assert_eq!(prepared.received.body_kind, BodyKind::Empty);
        assert_eq!(prepared.received.received_at_ms, 7);
    }

    #[test]
    fn a_given_type_takes_the_place_of_the_one_in_the_headers() {
        let mut given = body("{\"a\": 1}", Some("application/json"));
        given.headers = headers_of(&[("Content-Type", "text/csv"), ("Content-Length", "99")]);
        let prepared = of_test(&given, true, 0).unwrap();
        assert_eq!(prepared.received.body_kind, BodyKind::Json);
        assert_eq!(
            Some(prepared.received.headers),
            headers_of(&[
                ("content-length", "8"),
                ("content-type", "application/json")
            ])
        );
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let method = |method: &str| Given {
            method: Some(method.to_owned()),
            ..Given::default()
        };
        let with = |name: &str, value: &str| Given {
            headers: headers_of(&[(name, value)]),
            ..Given::default()
        };
        let query = Given {
            query: Some("a=1\r\nb".to_owned()),
            ..Given::default()
        };
        for wrong in [
            method(""),
            method("GE T"),
            with("", "x"),
            with("a b", "x"),
            with("a", "x\r\ny: z"),
            query,
        ] {
            let refused = of_test(&wrong, true, 0).unwrap_err();
            assert_eq!(refused.code, Code::InvalidRequest, "{wrong:?}");
        }
        let broken = of_test(&body("{", Some("application/json")), true, 0).unwrap_err();
        assert_eq!(broken.code, Code::MalformedBody);
    }

    #[test]
    fn without_a_listener_there_is_data_alone() {
        let mut given = body("{\"a\": 1}", None);
        given.headers = headers_of(&[("x-a", "1")]);
        let prepared = of_test(&given, false, 0).unwrap();
        assert_eq!(prepared.received.method, "");
        assert!(prepared.received.headers.is_empty());
        assert_eq!(prepared.received.body_kind, BodyKind::Json);
        assert_eq!(prepared.body.as_ref(), b"{\"a\": 1}");
        let nothing = of_test(&Given::default(), false, 0).unwrap();
        assert_eq!(nothing.body.as_ref(), b"{}");
        let list = of_test(&body("[1]", None), false, 0).unwrap_err();
        assert_eq!(list.code, Code::InvalidRequest);
        let broken = of_test(&body("{\"a\": ", None), false, 0).unwrap_err();
        assert_eq!(broken.code, Code::MalformedBody);
    }

    fn scheduled(body: &str) -> RunRecord {
        let sample = include_bytes!("../../../../shared/golden/v1/run_record_scheduled.msgpack");
        let mut record: RunRecord = shared::frame::unpack(sample).unwrap();
        record.request.body = Payload {
            bytes: body.as_bytes().to_vec(),
            size: body.len() as u64,
            truncated: false,
        };
        record
    }

    fn called(body: &str) -> RunRecord {
        let mut record = scheduled(body);
        record.trigger = None;
        record.request.path = "/listener/x".to_owned();
        record.request.query.clear();
        record.request.headers.clear();
        record
    }

    #[test]
    fn data_that_the_run_log_has_not_are_not_taken_for_none() {
        let kept = of_replay(&scheduled("{\"a\":1}"), None, false, 0).unwrap();
        assert_eq!(kept.body.as_ref(), b"{\"a\":1}");
        for listens in [true, false] {
            let refused = of_replay(&scheduled(""), None, listens, 0).unwrap_err();
            assert_eq!(refused.code, Code::PayloadNeeded);
            let given = body("{\"a\":2}", None);
            let prepared = of_replay(&scheduled(""), Some(&given), listens, 0).unwrap();
            assert_eq!(prepared.body.as_ref(), b"{\"a\":2}");
        }
    }

    #[test]
    fn a_call_is_data_where_its_body_is_an_object_and_what_is_lost_is_named() {
        let mut record = called("{\"a\":1}");
        record.request.query = "b=1".to_owned();
        let prepared = of_replay(&record, None, false, 0).unwrap();
        assert_eq!(prepared.received.body_kind, BodyKind::Json);
        assert_eq!(prepared.absent, ["query"]);
        let nothing = of_replay(&called(""), None, false, 0).unwrap();
        assert_eq!(
            (nothing.body.as_ref(), nothing.absent.len()),
            (&b"{}"[..], 0)
        );
        for other in ["a=1", "[1]", "\"text\"", "{"] {
            let refused = of_replay(&called(other), None, false, 0).unwrap_err();
            assert_eq!(refused.code, Code::PayloadNeeded, "{other}");
            assert!(refused.detail.contains("payload.body"), "{other}");
        }
    }
}
