//! The fields of `for_each`.

use super::steps::{ACTION_FIELDS, DATA_NAME, NO_RETRY, STEP_FIELDS, StepType};
use super::{Field, Kind, Object, Rule};
use crate::document::OnError;

pub(super) const FOR_EACH_TYPE: StepType = StepType {
    word: "for_each",
    object: &FOR_EACH,
};

/// What of it holds steps.
pub(super) const DO: &[Field] = &[Field::new(
    "do",
    Kind::SomeSteps,
    "The steps of a turn, one turn for each item. What they write stays in their turn.",
)
.required()];

static FOR_EACH: Object = Object {
    name: "for_each",
    about: "Does its steps once for every item of a list, in a turn of its own.",
    groups: &[
        STEP_FIELDS,
        &[
            Field::new(
                "items",
                Kind::Value { null: false },
                "The list, most often a single `{{ }}`; of a map, its values. Strings in it, at any \
                 depth, are scripts. It may have 10,000 items.",
            )
            .required(),
            Field::new("as", DATA_NAME, "The item is `__data.<as>` in its turn.").default("\"item\""),
            Field::new(
                "concurrency",
                Kind::Integer { min: 1, max: 100 },
                "How many turns go on at the same time.",
            )
            .default("1"),
            Field::new(
                "on_error",
                Kind::word(OnError::WORDS),
                "What happens when a turn fails: `continue` does the others, `stop` begins no more.",
            )
            .default("\"continue\""),
        ],
        DO,
        &[
            Field::new(
                "collect",
                Kind::Value { null: false },
                "What a turn hands out when it has succeeded. Strings in it are scripts, which see \
                 what the turn has written.",
            ),
            Field::new(
                "result",
                DATA_NAME,
                "What the turns handed out becomes `__data.<result>`: a list in the order of the \
                 items, with null for a turn that failed.",
            ),
        ],
        ACTION_FIELDS,
    ],
    rules: &[BOTH, EITHER],
    refused: &[NO_RETRY],
};

const BOTH: Rule = Rule::With {
    field: "collect",
    requires: &["result"],
    refuses: &[],
};

const EITHER: Rule = Rule::With {
    field: "result",
    requires: &["collect"],
    refuses: &[],
};
