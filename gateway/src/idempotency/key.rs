//! What a request with an `Idempotency-Key` is found by, and what tells it from another.

use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use serde_json::Value;
use sha2::{Digest, Sha256};
use shared::codes::Code;
use shared::ids::EndpointId;
use shared::limits::MAX_IDEMPOTENCY_KEY;
use shared::subjects;

use crate::problem::Problem;

const NAME: HeaderName = HeaderName::from_static("idempotency-key");

/// The key of one caller at one endpoint, and the request that it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// Where the bucket has it: hashes of what came from outside.
    pub(crate) place: String,
    /// The SHA-256 of method, query, content type and body: the same key stands for no other request.
    pub(crate) fingerprint: [u8; 32],
}

impl Key {
    /// The key of a request; none where it has none. `claims` are those of the caller's token, as JSON: callers with
    /// different `iss` or `sub` never share a key.
    ///
    /// # Errors
    /// `invalid_request` for a key that is none, or two of them.
    pub(crate) fn of(
        endpoint: EndpointId,
        claims: Option<&str>,
        parts: &Parts,
        body: &[u8],
    ) -> Result<Option<Self>, Problem> {
        let Some(text) = text(&parts.headers)? else {
            return Ok(None);
        };
        let mut digest = Sha256::new();
        for part in caller(claims) {
            add(&mut digest, part.as_bytes());
        }
        add(&mut digest, text.as_bytes());
        let place = subjects::idempotency_key(endpoint, &digest.finalize().into());
        Ok(Some(Self {
            place,
            fingerprint: fingerprint(parts, body),
        }))
    }
}

/// Each part with its length, so that no two lists of parts come to the same bytes.
fn add(digest: &mut Sha256, part: &[u8]) {
    digest.update((part.len() as u64).to_be_bytes());
    digest.update(part);
}

fn fingerprint(parts: &Parts, body: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    add(&mut digest, parts.method.as_str().as_bytes());
    add(
        &mut digest,
        parts.uri.query().unwrap_or_default().as_bytes(),
    );
    let content_type = parts.headers.get(CONTENT_TYPE);
    add(
        &mut digest,
        content_type.map_or(&[], |value| value.as_bytes()),
    );
    add(&mut digest, body);
    digest.finalize().into()
}

/// Who calls: nobody in particular where the endpoint asks for no token.
fn caller(claims: Option<&str>) -> Vec<String> {
    let Some(claims) = claims else {
        return Vec::new();
    };
    match serde_json::from_str::<Value>(claims) {
        Ok(claims) => ["iss", "sub"]
            .iter()
            .map(|name| claims.get(name).map(Value::to_string).unwrap_or_default())
            .collect(),
        Err(_) => vec![claims.to_owned()],
    }
}

/// The key that the header names: as a string of structured fields (RFC 8941, section 3.3.3), or bare.
fn text(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(NAME).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(refused("Idempotency-Key is given more than once"));
    }
    let value = value.as_bytes().trim_ascii();
    let text = match value {
        [b'"', inner @ ..] => unquoted(inner),
        bare => Some(bare.to_vec()),
    };
    let visible = |text: &Vec<u8>| {
        (1..=MAX_IDEMPOTENCY_KEY).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic)
    };
    text.filter(visible)
        .and_then(|text| String::from_utf8(text).ok())
        .map(Some)
        .ok_or_else(|| refused("Idempotency-Key cannot be read"))
}

/// What stands before the closing quote, which nothing may follow.
fn unquoted(inner: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter();
    loop {
        match bytes.next()? {
            b'"' => return bytes.next().is_none().then_some(text),
            b'\\' => match bytes.next()? {
                escaped @ (b'"' | b'\\') => text.push(*escaped),
                _ => return None,
            },
            byte => text.push(*byte),
        }
    }
}

fn refused(what: &str) -> Problem {
    let hint = "send one of 1 to 255 visible ASCII characters, such as a UUID, bare or between double quotes";
    Problem::new(Code::InvalidRequest, format!("{what}: {hint}"))
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Request};
    use uuid::Uuid;

    use super::*;

    const ENDPOINT: EndpointId = EndpointId(Uuid::from_u128(7));

    fn parts(method: &str, uri: &str, key: Option<&str>) -> Parts {
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(key) = key {
            request = request.header(NAME, HeaderValue::from_bytes(key.as_bytes()).unwrap());
        }
        request.body(()).unwrap().into_parts().0
    }

    fn of(claims: Option<&str>, key: &str) -> Key {
        let parts = parts("POST", "/x?a=b", Some(key));
        Key::of(ENDPOINT, claims, &parts, b"body").unwrap().unwrap()
    }

    #[test]
    fn a_request_without_the_header_has_no_key() {
        let parts = parts("POST", "/x", None);
        assert_eq!(Key::of(ENDPOINT, None, &parts, b"").unwrap(), None);
    }

    #[test]
    fn the_quoted_and_the_bare_form_are_one_key() {
        assert_eq!(of(None, "abc"), of(None, "\"abc\""));
        assert_eq!(of(None, "a\"b\\c"), of(None, r#""a\"b\\c""#));
        assert_ne!(of(None, "abc"), of(None, "ABC"));
        of(None, &"k".repeat(255));
    }

    #[test]
    fn what_is_no_key_is_refused_with_a_hint() {
        let long = "k".repeat(256);
        for bad in [
            "", "\"\"", "\"", "\"a", "\"a\"b", r#""a\x""#, "a b", "\"a b\"", "é", &long,
        ] {
            let parts = parts("POST", "/x", Some(bad));
            let problem = Key::of(ENDPOINT, None, &parts, b"").unwrap_err();
            assert_eq!(problem.code(), Code::InvalidRequest, "{bad}");
        }
        let mut twice = parts("POST", "/x", Some("a"));
        twice.headers.append(NAME, HeaderValue::from_static("a"));
        assert!(Key::of(ENDPOINT, None, &twice, b"").is_err());
    }

    #[test]
    fn another_endpoint_and_another_caller_have_keys_of_their_own() {
        let elsewhere = EndpointId(Uuid::from_u128(8));
        let parts = parts("POST", "/x?a=b", Some("abc"));
        let other = Key::of(elsewhere, None, &parts, b"body").unwrap().unwrap();
        let places = [
            of(None, "abc").place,
            other.place,
            of(Some(r#"{"iss":"i","sub":"a"}"#), "abc").place,
            of(Some(r#"{"iss":"i","sub":"b"}"#), "abc").place,
            of(Some(r#"{"iss":"i"}"#), "abc").place,
            of(Some(r#"{"iss":"ia","sub":""}"#), "abc").place,
        ];
        for (index, place) in places.iter().enumerate() {
            assert!(!places[..index].contains(place), "{index}");
        }
        // A token that was signed anew is the same caller.
        assert_eq!(
            of(Some(r#"{"iss":"i","sub":"a","exp":1}"#), "abc"),
            of(Some(r#"{"sub":"a","iss":"i","exp":2}"#), "abc")
        );
    }

    #[test]
    fn method_query_type_and_body_tell_requests_apart() {
        let print = |parts: &Parts, body: &[u8]| fingerprint(parts, body);
        let first = parts("POST", "/x?a=b", None);
        let mut typed = parts("POST", "/x?a=b", None);
        typed
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        let prints = [
            print(&first, b"body"),
            print(&first, b"bod"),
            print(&parts("PUT", "/x?a=b", None), b"body"),
            print(&parts("POST", "/x?a=c", None), b"body"),
            print(&typed, b"body"),
        ];
        for (index, one) in prints.iter().enumerate() {
            assert!(!prints[..index].contains(one), "{index}");
        }
    }
}
