//! Which HTTP status (RFC 9110) stands for which code.

use http::StatusCode;
use shared::codes::Code;

/// The status of a code.
pub(super) fn of(code: Code) -> StatusCode {
    match code {
        Code::MalformedBody | Code::InvalidRequest => StatusCode::BAD_REQUEST,
        Code::TokenInvalid | Code::TokenExpired | Code::TokenIssuer | Code::Unauthenticated => {
            StatusCode::UNAUTHORIZED
        }
        Code::TokenMissing | Code::OriginNotAllowed | Code::Forbidden => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::BodyIncomplete => StatusCode::REQUEST_TIMEOUT,
        Code::Conflict
        | Code::IdempotencyKeyInUse
        | Code::IdempotencyReplyNotKept
        | Code::CallbackUsed
        | Code::RunEnded => StatusCode::CONFLICT,
        Code::CallbackOver => StatusCode::GONE,
        Code::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedEncoding | Code::UnsupportedMediaType => {
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        }
        Code::InvalidWorkflow | Code::IdempotencyKeyReused | Code::PayloadNeeded => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Code::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        Code::RateLimited | Code::ConcurrencyLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::RunnerLost | Code::ReplyBroken => StatusCode::BAD_GATEWAY,
        Code::AuthUnavailable
        | Code::NoRunner
        | Code::Overloaded
        | Code::BusUnavailable
        | Code::QueueUnavailable
        | Code::VersionUnavailable
        | Code::RegistryUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::RunTimeout => StatusCode::GATEWAY_TIMEOUT,
        // RunFailed, ReplyRefused, ReaderTooSlow, Internal, and what a newer contract adds.
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_faults_of_the_run_and_of_our_own_are_500() {
        let internal: Vec<Code> = Code::ALL
            .iter()
            .copied()
            .filter(|code| of(*code) == StatusCode::INTERNAL_SERVER_ERROR)
            .collect();
        let expected = [
            Code::RunFailed,
            Code::ReplyRefused,
            Code::ReaderTooSlow,
            Code::Internal,
        ];
        assert_eq!(internal, expected);
    }
}
