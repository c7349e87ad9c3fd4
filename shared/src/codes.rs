//! The closed set of public error codes.
//!
//! A service says what went wrong with a [`Code`]; the gateway alone turns it into an HTTP status.
//! Each code has a page with its meaning and remedy under `docs/errors/`.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $title:literal;)*) => {
        /// A public error code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as callers see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The problem's title (RFC 9457): the same for every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    /// No such endpoint, workflow, run or page; unpublished and deleted endpoints alike.
    NotFound = "not_found", "Not found";
    /// The method is not one that the endpoint or route takes.
    MethodNotAllowed = "method_not_allowed", "Method not allowed";
    /// The body is larger than the endpoint takes.
    BodyTooLarge = "body_too_large", "Body too large";
    /// The body is not what its content type says.
    MalformedBody = "malformed_body", "Malformed body";
    /// The body did not arrive in time or was cut off.
    BodyIncomplete = "body_incomplete", "Body incomplete";
    /// A content encoding that the endpoint does not take.
    UnsupportedEncoding = "unsupported_encoding", "Unsupported content encoding";
    /// A content type that a control-plane route does not take.
    UnsupportedMediaType = "unsupported_media_type", "Unsupported media type";
    /// The endpoint's rate limit is used up.
    RateLimited = "rate_limited", "Rate limited";
    /// The endpoint already runs as many requests as it may.
    ConcurrencyLimited = "concurrency_limited", "Too many requests at once";
    /// A request without a token where one is needed.
    TokenMissing = "token_missing", "Token missing";
    /// A token that cannot be trusted.
    TokenInvalid = "token_invalid", "Token invalid";
    /// A token that is past its expiry.
    TokenExpired = "token_expired", "Token expired";
    /// A token of another issuer.
    TokenIssuer = "token_issuer", "Token issuer wrong";
    /// An origin that the endpoint does not allow.
    OriginNotAllowed = "origin_not_allowed", "Origin not allowed";
    /// An `Idempotency-Key` that stands for another request already.
    IdempotencyKeyReused = "idempotency_key_reused", "Idempotency-Key used for another request";
    /// An `Idempotency-Key` whose first request is not answered yet.
    IdempotencyKeyInUse = "idempotency_key_in_use", "Idempotency-Key in use";
    /// The reply to the first request with an `Idempotency-Key` was too large to be kept.
    IdempotencyReplyNotKept = "idempotency_reply_not_kept", "Reply not kept";
    /// A resume URL that was called before.
    CallbackUsed = "callback_used", "Callback used already";
    /// A resume URL whose run waits for it no more.
    CallbackOver = "callback_over", "Nothing waits any more";
    /// No verdict could be had from auth-svc.
    AuthUnavailable = "auth_unavailable", "Authentication unavailable";
    /// No workflow runner is there.
    NoRunner = "no_runner", "No runner";
    /// The platform has as much work as it can take.
    Overloaded = "overloaded", "Overloaded";
    /// The bus to the other services is down.
    BusUnavailable = "bus_unavailable", "Message bus unavailable";
    /// The request could not be stored durably.
    QueueUnavailable = "queue_unavailable", "Queue unavailable";
    /// The runner died with the request, and the request may not be sent again.
    RunnerLost = "runner_lost", "Runner lost";
    /// A part of the reply was lost on the way.
    ReplyBroken = "reply_broken", "Reply broken";
    /// The run did not reply within the endpoint's time.
    RunTimeout = "run_timeout", "Run timed out";
    /// The run failed before its reply.
    RunFailed = "run_failed", "Run failed";
    /// The reply that the workflow made cannot be sent.
    ReplyRefused = "reply_refused", "Reply refused";
    /// The published version that the request names cannot be loaded.
    VersionUnavailable = "version_unavailable", "Version unavailable";
    /// The reader of a stream was too slow.
    ReaderTooSlow = "reader_too_slow", "Reader too slow";
    /// A control-plane request without a valid API token.
    Unauthenticated = "unauthenticated", "Not authenticated";
    /// A role that may not do this.
    Forbidden = "forbidden", "Forbidden";
    /// A control-plane request that cannot be understood.
    InvalidRequest = "invalid_request", "Invalid request";
    /// A workflow document with errors.
    InvalidWorkflow = "invalid_workflow", "Invalid workflow";
    /// A replay of a run of which the run log has no whole request.
    PayloadNeeded = "payload_needed", "Payload needed";
    /// A name that is taken, or a state that does not allow this.
    Conflict = "conflict", "Conflict";
    /// A run that has ended and cannot be stopped.
    RunEnded = "run_ended", "Run ended";
    /// What is to be changed has changed since it was read.
    PreconditionFailed = "precondition_failed", "Changed since it was read";
    /// A change without `If-Match`.
    PreconditionRequired = "precondition_required", "If-Match required";
    /// registry-svc did not answer.
    RegistryUnavailable = "registry_unavailable", "Registry unavailable";
    /// A fault of the platform's own; also how a code of a newer release is read.
    #[serde(other)]
    Internal = "internal", "Internal error";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_a_newer_release_is_read_as_internal() {
        let newer = rmp_serde::to_vec("not_known_here").unwrap();
        assert_eq!(
            rmp_serde::from_slice::<Code>(&newer).unwrap(),
            Code::Internal
        );
    }

    #[test]
    fn every_code_has_a_text_of_its_own() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
    }
}
