//! Headers on their way to the run.

use std::borrow::Cow;

use http::header::HOST;
use http::request::Parts;
use http::{HeaderName, HeaderValue};

/// A value as text: UTF-8, else Latin-1 as RFC 9110 has it of old.
pub(super) fn text(value: &HeaderValue) -> Cow<'_, str> {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(value.as_bytes().iter().copied().map(char::from).collect()),
    }
}

/// All headers but those that carried a token which was checked. HTTP/2's authority is told as `host`.
pub(super) fn passed_on(parts: &Parts, hidden: &[HeaderName]) -> Vec<(String, String)> {
    let mut passed: Vec<(String, String)> = parts
        .headers
        .iter()
        .filter(|(name, _)| !hidden.contains(name))
        .map(|(name, value)| (name.as_str().to_owned(), text(value).into_owned()))
        .collect();
    if let (false, Some(authority)) = (parts.headers.contains_key(HOST), parts.uri.authority()) {
        passed.push(("host".to_owned(), authority.to_string()));
    }
    passed
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn repeated_headers_stay_repeated_and_the_checked_token_stays_behind() {
        let request = Request::builder()
            .uri("http://a.example/x")
            .header("X-A", "1")
            .header("X-A", "2")
            .header("Token", "secret")
            .header("X-Latin", HeaderValue::from_bytes(b"gr\xfcn").unwrap())
            .body(())
            .unwrap();
        let (parts, ()) = request.into_parts();
        let passed = passed_on(&parts, &[HeaderName::from_static("token")]);
        let expected = [
            ("x-a", "1"),
            ("x-a", "2"),
            ("x-latin", "grün"),
            ("host", "a.example"),
        ];
        let expected: Vec<_> = expected.map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        assert_eq!(passed, expected);
    }
}
