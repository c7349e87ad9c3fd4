//! The decisions: `condition` and `switch`, and the tests that they make.

use super::steps::{NO_RETRY, STEP_FIELDS, StepType};
use super::{Field, Kind, Object, Refused, Rule};
use crate::document::Operator;

pub(super) const CONDITION_TYPE: StepType = StepType {
    word: "condition",
    object: &CONDITION,
};
pub(super) const SWITCH_TYPE: StepType = StepType {
    word: "switch",
    object: &SWITCH,
};

/// Everything of a decision that holds steps.
pub(super) const WAYS: &[Field] = &[
    Field::new("yes", Kind::Steps, "The steps where the condition holds.").default("[]"),
    Field::new("no", Kind::Steps, "The steps where it does not.").default("[]"),
];

static CONDITION: Object = Object {
    name: "condition",
    about: "Goes one of two ways: `yes` or `no`.",
    groups: &[STEP_FIELDS, COMPARISON, &GROUPS, WAYS],
    rules: &[ONE_TEST, LEFT, ALL, ANY, UNARY, BINARY],
    refused: &[
        no_child(
            "then",
            "the children of a condition stand in `yes` and `no`",
        ),
        no_child(
            "on_failure",
            "a condition does not fail; its children stand in `yes` and `no`",
        ),
        no_child("continue_on_error", "a condition does not fail"),
        NO_RETRY,
    ],
};

static SWITCH: Object = Object {
    name: "switch",
    about: "Goes the way of the first case that holds.",
    groups: &[
        STEP_FIELDS,
        &[
            Field::new(
                "value",
                Kind::Value { null: false },
                "The left value of each comparison that names none.",
            ),
            Field::new(
                "cases",
                Kind::List {
                    of: &Kind::Object(&CASE),
                    min: 1,
                },
                "The cases; the first that holds wins.",
            )
            .required(),
            Field::new("default", Kind::Steps, "The steps where no case holds.").default("[]"),
        ],
    ],
    rules: &[],
    refused: &[
        no_child(
            "then",
            "the children of a switch stand in `cases[].then` and `default`",
        ),
        no_child(
            "on_failure",
            "a switch does not fail; its children stand in `cases[].then` and `default`",
        ),
        no_child("continue_on_error", "a switch does not fail"),
        NO_RETRY,
    ],
};

static CASE: Object = Object {
    name: "case",
    about: "One case of a switch.",
    groups: &[
        COMPARISON,
        &GROUPS_OF_CASE,
        &[Field::new(
            "then",
            Kind::Steps,
            "The steps where this is the first case to hold.",
        )
        .default("[]")],
    ],
    rules: &[ONE_TEST, ALL, ANY, UNARY, BINARY],
    refused: &[],
};

/// A test within a group of a condition.
static TEST: Object = Object {
    name: "test",
    about: "One comparison, or a group of tests.",
    groups: &[COMPARISON, &GROUPS],
    rules: &[ONE_TEST, LEFT, ALL, ANY, UNARY, BINARY],
    refused: &[],
};

/// A test within a group of a case: its left value may be the switch's.
static CASE_TEST: Object = Object {
    name: "case_test",
    about: "One comparison, or a group of tests; without a left value it takes the switch's.",
    groups: &[COMPARISON, &GROUPS_OF_CASE],
    rules: &[ONE_TEST, ALL, ANY, UNARY, BINARY],
    refused: &[],
};

const COMPARISON: &[Field] = &[
    Field::new(
        "left",
        Kind::Value { null: false },
        "The value on the left.",
    ),
    Field::new(
        "operator",
        Kind::word(Operator::WORDS),
        "How the two values are compared.",
    ),
    Field::new(
        "right",
        Kind::Value { null: false },
        "The value on the right: a list of two for `between`, a list for `in` and `not_in`, none \
         for `is_empty`, `is_not_empty`, `greater_than_now` and `less_than_now`.",
    ),
    Field::new(
        "ignore_case",
        Kind::Flag,
        "Whether text compares without regard to case.",
    )
    .default("false"),
];

// Statics, since a test may hold itself: a constant cannot.
static GROUPS: [Field; 2] = [
    Field::new(
        "all",
        Kind::List {
            of: &TEST_KIND,
            min: 1,
        },
        ALL_ABOUT,
    ),
    Field::new(
        "any",
        Kind::List {
            of: &TEST_KIND,
            min: 1,
        },
        ANY_ABOUT,
    ),
];

static GROUPS_OF_CASE: [Field; 2] = [
    Field::new(
        "all",
        Kind::List {
            of: &CASE_TEST_KIND,
            min: 1,
        },
        ALL_ABOUT,
    ),
    Field::new(
        "any",
        Kind::List {
            of: &CASE_TEST_KIND,
            min: 1,
        },
        ANY_ABOUT,
    ),
];

static TEST_KIND: Kind = Kind::Object(&TEST);
static CASE_TEST_KIND: Kind = Kind::Object(&CASE_TEST);
const ALL_ABOUT: &str = "Holds where each of these tests does.";
const ANY_ABOUT: &str = "Holds where one of these tests does.";

const ONE_TEST: Rule = Rule::ExactlyOne(&["operator", "all", "any"]);
const LEFT: Rule = Rule::With {
    field: "operator",
    requires: &["left"],
    refuses: &[],
};
const ALL: Rule = Rule::With {
    field: "all",
    requires: &[],
    refuses: &["left", "right", "ignore_case"],
};
const ANY: Rule = Rule::With {
    field: "any",
    requires: &[],
    refuses: &["left", "right", "ignore_case"],
};
const UNARY: Rule = Rule::When {
    field: "operator",
    is: Operator::UNARY_WORDS,
    requires: &[],
    refuses: &["right"],
};
const BINARY: Rule = Rule::When {
    field: "operator",
    is: Operator::BINARY_WORDS,
    requires: &["right"],
    refuses: &[],
};

const fn no_child(name: &'static str, hint: &'static str) -> Refused {
    Refused {
        name,
        code: "unreachable",
        hint,
    }
}
