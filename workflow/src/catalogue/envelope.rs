//! The outer objects: the document, `metadata` and `spec`.

use super::listener::LISTENER;
use super::schedule::SCHEDULE;
use super::{Field, Kind, Object, Pattern, Rule};
use crate::document::{Keep, MAX_KEPT_BODY_BYTES, RecordType, RunMode, Source};

/// The name of a workflow.
pub(super) const NAME: Kind = Kind::Text(Pattern {
    regex: Some("^[a-z0-9-]{1,63}$"),
    max: 63,
    says: "1 to 63 of a-z, 0-9 and -",
    example: "order-check",
});

/// A text for people.
pub(super) const PROSE: Kind = Kind::Text(Pattern {
    regex: None,
    max: 2000,
    says: "a text of 2000 characters at most",
    example: "",
});

/// A whole document.
pub static DOCUMENT: Object = Object {
    name: "document",
    about: "An Earshot workflow.",
    groups: &[&[
        Field::new(
            "apiVersion",
            Kind::word(&[crate::document::API_VERSION]),
            "The version of this format.",
        )
        .required(),
        Field::new(
            "kind",
            Kind::word(&[crate::document::KIND]),
            "What the document describes.",
        )
        .required(),
        Field::new(
            "metadata",
            Kind::Object(&METADATA),
            "What the workflow is called.",
        )
        .required(),
        Field::new("spec", Kind::Object(&SPEC), "What the workflow does.").required(),
    ]],
    rules: &[],
    refused: &[],
};

static METADATA: Object = Object {
    name: "metadata",
    about: "What the workflow is called.",
    groups: &[&[
        Field::new(
            "name",
            NAME,
            "The workflow's name, unique in the platform: 1 to 63 of a-z, 0-9 and -.",
        )
        .required(),
        Field::new("description", PROSE, "What the workflow is for."),
        Field::new("category", PROSE, "A group to list the workflow under."),
        Field::new("labels", Kind::Labels, "Names with values to filter by.").default("{}"),
    ]],
    rules: &[],
    refused: &[],
};

static RUN_LOG: Object = Object {
    name: "run_log",
    about: "What the run log keeps of a workflow's runs. What looks like a secret is masked in any case.",
    groups: &[&[
        Field::new(
            "keep",
            Kind::word(Keep::WORDS),
            "Of which runs: of `all`, of `failures` (those that did not succeed), or of `none`.",
        )
        .default("\"all\""),
        Field::new(
            "max_body_bytes",
            Kind::Integer {
                min: 0,
                max: MAX_KEPT_BODY_BYTES as u64,
            },
            "How many bytes of each body and each value are kept; the rest is left out, and the \
             true size noted.",
        )
        .default("16384"),
    ]],
    rules: &[],
    refused: &[],
};

static SPEC: Object = Object {
    name: "spec",
    about: "What the workflow does.",
    groups: &[&[
        Field::new(
            "record_type",
            Kind::word(RecordType::WORDS),
            "The kind of record that the workflow hangs on: `virtual` is none.",
        )
        .required(),
        Field::new(
            "source",
            Kind::word(Source::WORDS),
            "What starts a run: `listener` is a call of the endpoint's URL, `scheduled` the clock, `manual` a \
             step of another workflow, or the API alone.",
        )
        .required(),
        Field::new(
            "run_mode",
            Kind::word(RunMode::WORDS),
            "`async`: the request is stored, answered, and the run goes on by itself. `sync`: the \
             caller waits for the run, and nothing is kept if the platform dies. Without a listener nobody \
             waits: always `async`.",
        )
        .default("\"async\""),
        Field::new(
            "listener",
            Kind::Object(&LISTENER),
            "The endpoint: what it accepts and what its caller gets.",
        ),
        Field::new(
            "schedule",
            Kind::Object(&SCHEDULE),
            "When runs begin by themselves, where `source` is `scheduled`.",
        ),
        Field::new(
            "run_log",
            Kind::Object(&RUN_LOG),
            "What the run log keeps of this workflow's runs.",
        ),
        Field::new(
            "steps",
            Kind::Steps,
            "The roots of the tree of steps. Several roots run at the same time.",
        )
        .default("[]"),
    ]],
    rules: &[
        Rule::When {
            field: "source",
            is: &[Source::Listener.as_str()],
            requires: &["listener"],
            refuses: &["schedule"],
        },
        Rule::When {
            field: "source",
            is: &[Source::Scheduled.as_str()],
            requires: &["schedule"],
            refuses: &["listener"],
        },
        Rule::When {
            field: "source",
            is: &[Source::Manual.as_str()],
            requires: &[],
            refuses: &["listener", "schedule"],
        },
    ],
    refused: &[],
};
