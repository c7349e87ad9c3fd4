//! The fields of steps that wait for what comes from outside, and of those that publish to it.

use super::envelope::NAME;
use super::steps::{ACTION_FIELDS, DATA_NAME, NO_RETRY, STEP_FIELDS, StepType};
use super::time::DELAY;
use super::{Field, Kind, Names, Object, Pattern};
use crate::document::Method;
use script::Target;
use shared::limits::LETTER_BODY;

pub(super) const WAIT_FOR_CALLBACK_TYPE: StepType = StepType {
    word: "wait_for_callback",
    object: &WAIT_FOR_CALLBACK,
};
pub(super) const CALL_WORKFLOW_TYPE: StepType = StepType {
    word: "call_workflow",
    object: &CALL_WORKFLOW,
};
pub(super) const PUBLISH_MESSAGE_TYPE: StepType = StepType {
    word: "publish_message",
    object: &PUBLISH_MESSAGE,
};

static WAIT_FOR_CALLBACK: Object = Object {
    name: "wait_for_callback",
    about: "Waits until its one-time resume URL is called, which scripts have by `callbackUrl`.",
    groups: &[
        STEP_FIELDS,
        &[
            Field::new(
                "methods",
                Kind::List {
                    of: &Kind::word(Method::WORDS),
                    min: 1,
                },
                "The methods that the URL takes; others get a 405. GET is not among them unless it is listed: mail \
                 scanners and previews open links before a person does, and would use the URL up.",
            )
            .default(r#"["POST"]"#),
            Field::new(
                "timeout",
                DELAY,
                "How long it is waited for, such as `15 minutes`; up to 366 days. Then the step has failed.",
            )
            .default("\"24 hours\""),
            Field::new(
                "max_body_bytes",
                Kind::Integer {
                    min: 1,
                    max: LETTER_BODY as u64,
                },
                "The largest accepted body in bytes; over it the answer is 413 and the run waits on.",
            )
            .default("1048576"),
            Field::new(
                "result",
                DATA_NAME,
                "The request becomes `__data.<result>`: `method`, `headers`, `query`, `body`, `received_at`.",
            )
            .default("\"callback\""),
            Field::new(
                "reply",
                Kind::Object(&CALLBACK_REPLY),
                "What whoever calls the URL gets; without it 200 and the run's id as JSON.",
            ),
        ],
        ACTION_FIELDS,
    ],
    rules: &[],
    refused: &[NO_RETRY],
};

static CALLBACK_REPLY: Object = Object {
    name: "callback_reply",
    about: "What whoever calls a resume URL gets. It holds no scripts: no run is at work when the URL is called.",
    groups: &[&[
        Field::new(
            "status",
            Kind::Integer { min: 200, max: 299 },
            "The status.",
        )
        .default("200"),
        Field::new(
            "body",
            Kind::Text(Pattern {
                regex: None,
                max: 500,
                says: "a text of up to 500 characters",
                example: "",
            }),
            "The body, plain text.",
        )
        .default("\"\""),
    ]],
    rules: &[],
    refused: &[],
};

static CALL_WORKFLOW: Object = Object {
    name: "call_workflow",
    about: "Starts another published workflow, and waits for its end.",
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
                "timeout",
                DELAY,
                "How long it is waited for, such as `15 minutes`; up to 366 days. Then the step has failed; the other run \
                 goes on.",
            )
            .default("\"1 hour\""),
            Field::new(
                "result",
                DATA_NAME,
                "What came of it becomes `__data.<result>`: `run_id`, `outcome`, and the reply that the other run made, as \
                 `status` and `data`.",
            )
            .default("\"called\""),
        ],
        ACTION_FIELDS,
    ],
    rules: &[],
    refused: &[NO_RETRY],
};

static PUBLISH_MESSAGE: Object = Object {
    name: "publish_message",
    about: "Publishes a message on the platform's NATS, on a subject that the operator allows.",
    groups: &[
        STEP_FIELDS,
        &[
            Field::new(
                "subject",
                Kind::script(Target::Text),
                "The subject: words with dots between them, without wildcards.",
            )
            .required(),
            Field::new(
                "data",
                Kind::Value { null: false },
                "The payload: a text as it is, anything else as JSON; strings in it are scripts. Up to 1 MiB; empty where it \
                 is absent.",
            ),
            Field::new(
                "headers",
                Kind::Pairs {
                    names: Names::Headers,
                    target: Target::Header,
                },
                "Headers of the message. `Nats-Msg-Id` is set by the platform, the same for every attempt at this step of \
                 this run.",
            )
            .default("{}"),
        ],
        ACTION_FIELDS,
    ],
    rules: &[],
    refused: &[NO_RETRY],
};
