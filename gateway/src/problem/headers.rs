//! The headers that go with a code.

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use shared::codes::Code;

/// Sets them. Whatever is likely to pass says after how many seconds to try again.
pub(super) fn standard(code: Code, retry_after: Option<u64>, headers: &mut HeaderMap) {
    let status = super::status::of(code);
    if status == StatusCode::UNAUTHORIZED {
        let challenge = match code {
            Code::Unauthenticated => "Bearer",
            _ => r#"Bearer error="invalid_token""#,
        };
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    let passing = code == Code::IdempotencyKeyInUse
        || matches!(
            status,
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
        );
    if passing {
        headers.insert(RETRY_AFTER, HeaderValue::from(retry_after.unwrap_or(1)));
    }
}
