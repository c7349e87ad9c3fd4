//! What all steps have in common, and the list of step types.

use super::envelope::PROSE;
use super::time::{WHEN, WINDOW};
use super::{Field, Kind, Object, Pattern, Refused, actions, decisions, each, outside};

/// The id of a step.
const ID: Kind = Kind::Text(Pattern {
    regex: Some("^[a-z][a-z0-9_]{0,63}$"),
    max: 64,
    says: "a letter a-z and then up to 63 of a-z, 0-9 and _",
    example: "check_order",
});

/// The name of a value in `__data`.
pub(super) const DATA_NAME: Kind = Kind::Text(Pattern {
    regex: Some("^_?[A-Za-z][A-Za-z0-9_]{0,62}$"),
    max: 64,
    says: "a name of letters, digits and _, that does not begin with `__` or a digit",
    example: "total",
});

/// One type of step.
#[derive(Clone, Copy, Debug)]
pub struct StepType {
    /// The word in `type`.
    pub word: &'static str,
    /// The fields of such a step, the common ones included.
    pub object: &'static Object,
}

/// Every type of step in this release.
pub static STEP_TYPES: &[StepType] = &[
    decisions::CONDITION_TYPE,
    decisions::SWITCH_TYPE,
    actions::RESPOND_TYPE,
    actions::SSE_FRAME_TYPE,
    actions::STORE_VALUE_TYPE,
    actions::SET_MEMORY_TYPE,
    actions::PUSH_TO_WORKFLOW_TYPE,
    outside::CALL_WORKFLOW_TYPE,
    outside::WAIT_FOR_CALLBACK_TYPE,
    outside::PUBLISH_MESSAGE_TYPE,
    actions::HTTP_REQUEST_TYPE,
    each::FOR_EACH_TYPE,
    actions::LOG_TYPE,
    actions::STOP_TYPE,
];

/// The type of step that goes by this word.
#[must_use]
pub fn step_type(word: &str) -> Option<&'static StepType> {
    STEP_TYPES.iter().find(|step_type| step_type.word == word)
}

/// The field that every step has.
const STEP_ID: Field = Field::new(
    "id",
    ID,
    "The step's id, unique in the document: a letter a-z, then up to 63 of a-z, 0-9 and _.",
)
.required();

const WHEN_FIELD: Field = Field::new(
    "when",
    Kind::Object(&WHEN),
    "When the step begins: at once where this is absent.",
);

const WINDOW_FIELD: Field = Field::new(
    "window",
    Kind::Object(&WINDOW),
    "The hours in which the step may begin. One that is due outside of them waits.",
);

/// The common fields of a step that has a `name` of another meaning.
pub(super) const NAMELESS_STEP_FIELDS: &[Field] = &[STEP_ID, WHEN_FIELD, WINDOW_FIELD];

/// The common fields of all other steps.
pub(super) const STEP_FIELDS: &[Field] = &[
    STEP_ID,
    Field::new("name", PROSE, "A name for people."),
    WHEN_FIELD,
    WINDOW_FIELD,
];

/// The ways on from an action.
pub(super) const ACTION_FIELDS: &[Field] = &[
    Field::new(
        "then",
        Kind::Steps,
        "The steps after success. They run at the same time.",
    )
    .default("[]"),
    Field::new(
        "on_failure",
        Kind::Steps,
        "The steps after a failure. Where there are none, a failure ends this branch and marks \
         the run as failed.",
    )
    .default("[]"),
    Field::new(
        "continue_on_error",
        Kind::Flag,
        "Whether a failure counts as success, so that `then` goes on.",
    )
    .default("false"),
];

/// What is known of a step whose type is not: its own fields and everything that may hold steps.
pub static ANY_STEP: Object = Object {
    name: "any_step",
    about: "A step of an unknown type.",
    groups: &[STEP_FIELDS, ACTION_FIELDS, decisions::WAYS],
    rules: &[],
    refused: &[],
};

/// A setting that only requests have.
pub(super) const NO_RETRY: Refused = Refused {
    name: "retry",
    code: "unknown_field",
    hint: "only an `http_request` is tried again: whatever else fails would fail again",
};
