//! The listener's fields.

use super::replies::{DATA_RULE, HTML_RULE, REDIRECT_RULE, REPLY_FIELDS, STEPS_RULE};
use super::{Field, Kind, Object};
use crate::document::{Method, OnDisconnect, OnRunnerLost, Period, ReturnType};
use script::Target;

/// A script that is rendered without request data and whose text must not be shown.
const CREDENTIAL: Kind = Kind::Script {
    target: Target::Text,
    request: false,
    sensitive: true,
};

/// The endpoint.
pub(super) static LISTENER: Object = Object {
    name: "listener",
    about: "The endpoint: what it accepts and what its caller gets.",
    groups: &[
        &[Field::new(
            "return_type",
            Kind::word(ReturnType::WORDS),
            "What the caller gets: a body (`data`), a page (`html`), a redirection (`redirect`), \
             whatever the first `respond` step says (`continue`), or a stream of the `sse_frame` \
             steps' frames (`sse`).",
        )
        .required()],
        REPLY_FIELDS,
        AUTHENTICATION,
        CORS,
        LIMITS,
        FAULTS,
    ],
    rules: &[DATA_RULE, HTML_RULE, REDIRECT_RULE, STEPS_RULE],
    refused: &[],
};

const AUTHENTICATION: &[Field] = &[
    Field::new(
        "add_authentication",
        Kind::Flag,
        "Whether every request must carry a JWT, signed with the endpoint's secret.",
    )
    .default("false"),
    Field::new(
        "endpoint_key",
        CREDENTIAL,
        "The issuer that a JWT must name. Rendered without request data, with secrets and \
         variables. Absent: kept, or generated when authentication is first turned on.",
    ),
    Field::new(
        "endpoint_secret",
        CREDENTIAL,
        "The secret that signs JWTs, at least 32 bytes. Rendered without request data, with \
         secrets and variables. Absent: kept, or generated.",
    ),
    Field::new(
        "endpoint_secret_previous",
        Kind::Object(&PREVIOUS),
        "The former secret, still accepted while callers rotate.",
    ),
    Field::new(
        "require_exp",
        Kind::Flag,
        "Whether a JWT without `exp` is refused.",
    )
    .default("true"),
];

static PREVIOUS: Object = Object {
    name: "previous_secret",
    about: "A secret that is on its way out.",
    groups: &[&[
        Field::new("secret", CREDENTIAL, "The former secret.").required(),
        Field::new("expires_at", Kind::Moment, "Until when it is accepted.").required(),
    ]],
    rules: &[],
    refused: &[],
};

const CORS: &[Field] = &[
    Field::new(
        "allow_cors",
        Kind::Flag,
        "Whether pages of other origins may call the endpoint from a browser.",
    )
    .default("false"),
    Field::new(
        "cors_domains",
        Kind::Script {
            target: Target::Text,
            request: false,
            sensitive: false,
        },
        "Comma-separated origins such as https://app.example.com or https://*.example.com, or \
         `*`. Rendered without request data, with variables.",
    ),
];

const LIMITS: &[Field] = &[
    Field::new(
        "methods",
        Kind::List {
            of: &Kind::word(Method::WORDS),
            min: 1,
        },
        "The methods that are answered; others get a 405. HEAD goes with GET.",
    )
    .default(r#"["GET","POST","PUT"]"#),
    Field::new(
        "max_body_bytes",
        Kind::Integer {
            min: 1,
            max: shared::limits::MAX_BODY,
        },
        "The largest accepted body in bytes; over it the answer is 413 and nothing runs.",
    )
    .default("1048576"),
    Field::new(
        "rate_limit",
        Kind::Object(&RATE_LIMIT),
        "How often the endpoint may be called; over it the answer is 429.",
    ),
    Field::new(
        "max_concurrency",
        Kind::Integer {
            min: 1,
            max: 100_000,
        },
        "How many requests may be under way at once; over it the answer is 429.",
    ),
    Field::new(
        "sync_timeout",
        Kind::Integer { min: 1, max: 300 },
        "Seconds that a synchronous caller waits before a 504.",
    )
    .default("30"),
    Field::new(
        "continue_timeout",
        Kind::Integer { min: 1, max: 300 },
        "Seconds that the caller of an asynchronous `continue` endpoint waits before a 202 with \
         the place where the reply will be. 20 where absent.",
    ),
];

static RATE_LIMIT: Object = Object {
    name: "rate_limit",
    about: "How many requests in which span.",
    groups: &[&[
        Field::new(
            "requests",
            Kind::Integer {
                min: 1,
                max: 1_000_000,
            },
            "Requests in one span.",
        )
        .required(),
        Field::new("per", Kind::word(Period::WORDS), "The span.").required(),
    ]],
    rules: &[],
    refused: &[],
};

const FAULTS: &[Field] = &[
    Field::new(
        "on_disconnect",
        Kind::word(OnDisconnect::WORDS),
        "What a caller that leaves does to the run: it goes on (`finish`) or stops (`cancel`). \
         Without effect where `run_mode` is `async`: the run goes on.",
    )
    .default("\"finish\""),
    Field::new(
        "on_runner_lost",
        Kind::word(OnRunnerLost::WORDS),
        "What a lost runner does to a waiting request: `resend` it to another runner, so that \
         steps may run twice, or `fail` it with a 502. Where absent: `resend` where no step has an \
         effect outside or the method is GET or HEAD, else `fail`. Without effect where `run_mode` \
         is `async`: the queue hands the run to another runner.",
    ),
];
