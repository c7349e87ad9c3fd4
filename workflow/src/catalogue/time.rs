//! When a step is due, and how often a request is tried.

use super::{Field, Kind, Object, Pattern, Rule};
use crate::document::Weekday;
use script::Target;

/// A span of time.
pub(super) const DELAY: Kind = Kind::Text(Pattern {
    regex: Some("^[0-9]{1,9} (second|minute|hour|day)s?$"),
    max: 17,
    says: "a whole number and seconds, minutes, hours or days",
    example: "15 minutes",
});

/// A time of day.
const TIME_OF_DAY: Kind = Kind::Text(Pattern {
    regex: Some("^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"),
    max: 5,
    says: "a time of day from 00:00 to 24:00",
    example: "18:30",
});

/// A time zone.
pub(super) const ZONE: Kind = Kind::Text(Pattern {
    regex: Some("^[A-Za-z0-9_+/-]+$"),
    max: 64,
    says: "a time zone by its IANA name",
    example: "Europe/Berlin",
});

pub(super) static WHEN: Object = Object {
    name: "when",
    about: "When a step begins.",
    groups: &[&[
        Field::new(
            "after",
            DELAY,
            "So long after the step above it, or after the run began: a whole number and seconds, minutes, hours or \
             days, such as `15 minutes`; up to 366 days.",
        ),
        Field::new(
            "at",
            Kind::script(Target::Text),
            "At this date and time: RFC 3339 or `Y-m-d[ H:i[:s]]`. One that has passed is now.",
        ),
        Field::new(
            "timezone",
            ZONE,
            "The time zone of an `at` without an offset, by its IANA name.",
        )
        .default("\"UTC\""),
    ]],
    rules: &[
        Rule::ExactlyOne(&["after", "at"]),
        Rule::With {
            field: "after",
            requires: &[],
            refuses: &["timezone"],
        },
    ],
    refused: &[],
};

pub(super) static WINDOW: Object = Object {
    name: "window",
    about: "The hours in which a step may begin.",
    groups: &[&[
        Field::new("from", TIME_OF_DAY, "From this time of day on.").default("\"00:00\""),
        Field::new(
            "to",
            TIME_OF_DAY,
            "Up to this time of day. One that is not after `from` is of the next day: `from: \"22:00\"`, `to: \"06:00\"` \
             goes over midnight.",
        )
        .default("\"00:00\""),
        Field::new("timezone", ZONE, "The time zone of both, by its IANA name.")
            .default("\"UTC\""),
        Field::new(
            "skip_days",
            Kind::List {
                of: &Kind::word(Weekday::WORDS),
                min: 0,
            },
            "The days on which no window begins.",
        )
        .default("[]"),
    ]],
    rules: &[],
    refused: &[],
};

pub(super) static RETRY: Object = Object {
    name: "retry",
    about: "How often a request is made that does not succeed.",
    groups: &[&[
        Field::new(
            "attempts",
            Kind::Integer { min: 1, max: 20 },
            "How often it is made in all.",
        )
        .default("3"),
        Field::new(
            "delay",
            Kind::Integer {
                min: 0,
                max: 86_400,
            },
            "Seconds before the second attempt. Each delay is shortened by chance, to half of it at most, so that those \
             who failed together do not come back together. A longer `Retry-After` of the answer is waited for.",
        )
        .default("1"),
        Field::new(
            "factor",
            Kind::Integer { min: 1, max: 10 },
            "By how much each further delay is longer than the one before.",
        )
        .default("2"),
        Field::new(
            "max_delay",
            Kind::Integer {
                min: 0,
                max: 86_400,
            },
            "The longest delay, in seconds.",
        )
        .default("3600"),
        Field::new(
            "on_status",
            Kind::List {
                of: &Kind::Status,
                min: 0,
            },
            "The statuses after which it is made again, as far as `fail_on` counts them as failures.",
        )
        .default(r#"[408,429,"5xx"]"#),
        Field::new(
            "on_no_answer",
            Kind::Flag,
            "Whether it is made again where no answer came: refused, cut off, or not in time.",
        )
        .default("true"),
    ]],
    rules: &[],
    refused: &[],
};
