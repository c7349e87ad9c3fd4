//! The question that a browser asks before the real request (Fetch standard). It runs nothing.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::Judgement;
use crate::reply::{Body, Response};

/// How long a browser may keep the answer, in seconds.
const MAX_AGE: u32 = 600;

/// Whether an OPTIONS request is a preflight.
pub(crate) fn is_preflight(headers: &HeaderMap) -> bool {
    headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight from an allowed origin. `methods` is the endpoint's `Allow`.
pub(crate) fn preflight(
    judgement: &Judgement,
    methods: &HeaderValue,
    asked: &HeaderMap,
) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(
        VARY,
        HeaderValue::from_static(
            "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ),
    );
    if let Judgement::Allowed(origin) = judgement {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods.clone());
    for requested in asked.get_all(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.append(ACCESS_CONTROL_ALLOW_HEADERS, requested.clone());
    }
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(MAX_AGE));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preflight_is_told_origin_methods_headers_and_how_long() {
        let mut asked = HeaderMap::new();
        asked.insert(ORIGIN, HeaderValue::from_static("https://a.example"));
        assert!(!is_preflight(&asked));
        asked.insert(
            ACCESS_CONTROL_REQUEST_METHOD,
            HeaderValue::from_static("PUT"),
        );
        assert!(is_preflight(&asked));
        let wanted = HeaderValue::from_static("authorization, content-type");
        asked.insert(ACCESS_CONTROL_REQUEST_HEADERS, wanted.clone());
        let allowed = Judgement::Allowed(HeaderValue::from_static("https://a.example"));
        let answer = preflight(&allowed, &HeaderValue::from_static("GET, PUT"), &asked);
        assert_eq!(answer.status(), 204);
        assert_eq!(
            answer.headers()[ACCESS_CONTROL_ALLOW_ORIGIN],
            "https://a.example"
        );
        assert_eq!(answer.headers()[ACCESS_CONTROL_ALLOW_METHODS], "GET, PUT");
        assert_eq!(answer.headers()[ACCESS_CONTROL_ALLOW_HEADERS], wanted);
        assert_eq!(answer.headers()[ACCESS_CONTROL_MAX_AGE], "600");
        assert!(
            answer
                .headers()
                .get("access-control-allow-credentials")
                .is_none()
        );
    }
}
