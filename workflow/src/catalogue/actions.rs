//! The actions' fields.

use super::envelope::NAME;
use super::replies::{DATA_RULE, HTML_RULE, REDIRECT_RULE, REPLY_FIELDS};
use super::steps::{
    ACTION_FIELDS, DATA_NAME, NAMELESS_STEP_FIELDS, NO_RETRY, STEP_FIELDS, StepType,
};
use super::time::{DELAY, RETRY};
use super::{Field, Kind, Names, Object, Refused, Rule};
use crate::document::{Level, Outcome, RequestMethod, ReturnType};
use script::Target;

pub(super) const RESPOND_TYPE: StepType = StepType {
    word: "respond",
    object: &RESPOND,
};
pub(super) const SSE_FRAME_TYPE: StepType = StepType {
    word: "sse_frame",
    object: &SSE_FRAME,
};
pub(super) const STORE_VALUE_TYPE: StepType = StepType {
    word: "store_value",
    object: &STORE_VALUE,
};
pub(super) const SET_MEMORY_TYPE: StepType = StepType {
    word: "set_memory",
    object: &SET_MEMORY,
};
pub(super) const PUSH_TO_WORKFLOW_TYPE: StepType = StepType {
    word: "push_to_workflow",
    object: &PUSH_TO_WORKFLOW,
};
pub(super) const HTTP_REQUEST_TYPE: StepType = StepType {
    word: "http_request",
    object: &HTTP_REQUEST,
};
pub(super) const LOG_TYPE: StepType = StepType {
    word: "log",
    object: &LOG,
};
pub(super) const STOP_TYPE: StepType = StepType {
    word: "stop",
    object: &STOP,
};

static RESPOND: Object = Object {
    name: "respond",
    about: "Answers the caller of a `continue` endpoint. The first of a run counts.",
    groups: &[
        STEP_FIELDS,
        &[Field::new(
            "return_type",
            Kind::word(&[
                ReturnType::Data.as_str(),
                ReturnType::Html.as_str(),
                ReturnType::Redirect.as_str(),
            ]),
            "What the caller gets: a body, a page or a redirection.",
        )
        .required()],
        REPLY_FIELDS,
        ACTION_FIELDS,
    ],
    rules: &[DATA_RULE, HTML_RULE, REDIRECT_RULE],
    refused: &[NO_RETRY],
};

static SSE_FRAME: Object = Object {
    name: "sse_frame",
    about: "Sends one frame to the caller of an `sse` endpoint.",
    groups: &[
        STEP_FIELDS,
        &[
            Field::new("event", Kind::script(Target::Text), "The event's name."),
            Field::new(
                "data",
                Kind::script(Target::Body),
                "The payload, escaped as the body of a `data` reply is.",
            ),
            Field::new(
                "frame_id",
                Kind::script(Target::Text),
                "The frame's id, which a browser sends back when it connects again. (`id` is the \
                 step's own.)",
            ),
            Field::new(
                "retry",
                Kind::Integer {
                    min: 0,
                    max: 3_600_000,
                },
                "How long a browser waits before it connects again, in milliseconds.",
            ),
            Field::new(
                "final",
                Kind::Flag,
                "Whether the stream ends after this frame.",
            )
            .default("false"),
        ],
        ACTION_FIELDS,
    ],
    rules: &[],
    refused: &[],
};

static STORE_VALUE: Object = Object {
    name: "store_value",
    about: "Stores a computed value for the steps below.",
    groups: &[
        NAMELESS_STEP_FIELDS,
        &[
            Field::new("name", DATA_NAME, "The value becomes `__data.<name>`.").required(),
            Field::new(
                "value",
                Kind::Value { null: true },
                "The value. Strings in it, at any depth, are scripts; one that is a single \
                 `{{ }}` keeps its type.",
            )
            .required(),
        ],
        ACTION_FIELDS,
    ],
    rules: &[],
    refused: &[NO_RETRY],
};

static SET_MEMORY: Object = Object {
    name: "set_memory",
    about: "Writes shared memory, which all runs of all workflows read with `memoryGet`.",
    groups: &[
        STEP_FIELDS,
        &[
            Field::new(
                "memory",
                Kind::script(Target::Text),
                "The name there, up to 256 bytes. (`name` is the step's own.)",
            )
            .required(),
            Field::new(
                "value",
                Kind::Value { null: true },
                "The value; strings in it are scripts. Up to 256 KiB as JSON. Null removes the name.",
            ),
            Field::new(
                "increment",
                Kind::Value { null: false },
                "A whole number, or a script that makes one: it is added to the number there, in one go with what others \
                 add. A name without a value counts from 0.",
            ),
            Field::new(
                "ttl",
                DELAY,
                "How long it stays, such as `15 minutes`. Without it, 366 days; a number that is added to keeps its end.",
            ),
            Field::new(
                "result",
                DATA_NAME,
                "What the number is then becomes `__data.<result>`.",
            ),
        ],
        ACTION_FIELDS,
    ],
    rules: &[
        Rule::ExactlyOne(&["value", "increment"]),
        Rule::With {
            field: "value",
            requires: &[],
            refuses: &["result"],
        },
    ],
    refused: &[NO_RETRY],
};

static PUSH_TO_WORKFLOW: Object = Object {
    name: "push_to_workflow",
    about: "Starts another published workflow, and does not wait for it.",
    groups: &[
        STEP_FIELDS,
        &[
            Field::new(
                "workflow",
                NAME,
                "The name of the workflow, which must be published.",
            )
            .required(),
            Field::new(
                "data",
                Kind::Value { null: false },
                "What is `__data` there: a map; strings in it are scripts. Without it, all that this run has under `__data`, \
                 save for names that begin with `__`.",
            ),
            Field::new(
                "result",
                DATA_NAME,
                "The id of the run that was started becomes `__data.<result>`.",
            ),
        ],
        ACTION_FIELDS,
    ],
    rules: &[],
    refused: &[NO_RETRY],
};

static HTTP_REQUEST: Object = Object {
    name: "http_request",
    about: "Calls a URL. The answer becomes `__data.<result>`: `ok`, `status`, `headers`, `body`.",
    groups: &[STEP_FIELDS, REQUEST, ANSWER, ACTION_FIELDS],
    rules: &[
        Rule::AtMostOne(&["json", "form", "body"]),
        Rule::When {
            field: "method",
            is: &["HEAD"],
            requires: &[],
            refuses: &["json", "form", "body"],
        },
    ],
    refused: &[],
};

const REQUEST: &[Field] = &[
    Field::new("method", Kind::word(RequestMethod::WORDS), "The method.").default("\"GET\""),
    Field::new(
        "url",
        Kind::script(Target::Url),
        "The URL, http or https. Addresses of private networks are refused unless the operator \
         allows them.",
    )
    .required(),
    Field::new(
        "headers",
        Kind::Pairs {
            names: Names::Headers,
            target: Target::Header,
        },
        "Headers to send.",
    )
    .default("{}"),
    Field::new(
        "query",
        Kind::Pairs {
            names: Names::Any,
            target: Target::Text,
        },
        "Query parameters, added to those of the URL.",
    )
    .default("{}"),
    Field::new(
        "json",
        Kind::Value { null: false },
        "A JSON body; strings in it are scripts.",
    ),
    Field::new(
        "form",
        Kind::Pairs {
            names: Names::Any,
            target: Target::Text,
        },
        "A form body.",
    ),
    Field::new(
        "body",
        Kind::script(Target::Body),
        "Any other body, as text.",
    ),
];

const ANSWER: &[Field] = &[
    Field::new(
        "timeout",
        Kind::Integer { min: 1, max: 120 },
        "Seconds that the request may take, redirects included.",
    )
    .default("10"),
    Field::new(
        "max_redirects",
        Kind::Integer { min: 0, max: 10 },
        "How many redirects are followed.",
    )
    .default("5"),
    Field::new(
        "fail_on",
        Kind::List {
            of: &Kind::Status,
            min: 0,
        },
        "The statuses that fail the step: codes, or classes such as `4xx`.",
    )
    .default(r#"["4xx","5xx"]"#),
    Field::new("result", DATA_NAME, "The answer becomes `__data.<result>`.").default("\"webhook\""),
    Field::new(
        "retry",
        Kind::Object(&RETRY),
        "How often the request is made where it does not succeed; once where this is absent.",
    ),
];

static LOG: Object = Object {
    name: "log",
    about: "Writes a line into the run log.",
    groups: &[
        STEP_FIELDS,
        &[
            Field::new(
                "level",
                Kind::word(Level::WORDS),
                "How weighty the line is.",
            )
            .default("\"info\""),
            Field::new("message", Kind::script(Target::Text), "The line.").required(),
        ],
        ACTION_FIELDS,
    ],
    rules: &[],
    refused: &[NO_RETRY],
};

static STOP: Object = Object {
    name: "stop",
    about: "Ends the run.",
    groups: &[
        STEP_FIELDS,
        &[
            Field::new("outcome", Kind::word(Outcome::WORDS), "How the run counts.")
                .default("\"success\""),
            Field::new(
                "message",
                Kind::script(Target::Text),
                "Why; kept in the run log.",
            ),
        ],
    ],
    rules: &[],
    refused: &[
        after_stop("then"),
        after_stop("on_failure"),
        after_stop("continue_on_error"),
        NO_RETRY,
    ],
};

const fn after_stop(name: &'static str) -> Refused {
    Refused {
        name,
        code: "unreachable",
        hint: "a `stop` ends the run, so nothing can follow it: remove this, or move the steps \
               before the `stop`",
    }
}
