//! When runs begin by themselves.

use super::time::{DELAY, ZONE};
use super::{Field, Kind, Object, Pattern, Rule};

/// A cron expression; what it means is judged apart.
const CRON: Kind = Kind::Text(Pattern {
    regex: None,
    max: 200,
    says: "a cron expression of five fields: minute, hour, day of the month, month, day of the week",
    example: "0 9 * * MON-FRI",
});

/// A date and time, with or without an offset.
const DATE: Kind = Kind::Text(Pattern {
    regex: Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}.*$"),
    max: 40,
    says: "a date and time: RFC 3339 or Y-m-d[ H:i[:s]]",
    example: "2026-12-24 18:00",
});

pub(super) static SCHEDULE: Object = Object {
    name: "schedule",
    about: "When runs begin by themselves.",
    groups: &[&[
        Field::new(
            "cron",
            CRON,
            "Minute, hour, day of the month, month and day of the week, or one of `@hourly`, `@daily`, `@weekly`, \
             `@monthly`, `@yearly`.",
        ),
        Field::new(
            "every",
            DELAY,
            "So long after each other, from `from` on, else counted from 1970-01-01 00:00 UTC: `15 minutes` is at 0, 15, \
             30 and 45 minutes past each hour. 10 seconds at least, 366 days at most.",
        ),
        Field::new(
            "timezone",
            ZONE,
            "The time zone of `cron`, and of a `from` or `until` without an offset, by its IANA name.",
        )
        .default("\"UTC\""),
        Field::new("from", DATE, "No moment is before this one."),
        Field::new("until", DATE, "No moment is after this one."),
        Field::new(
            "data",
            Kind::Plain,
            "What each run finds under `__data`: names and values as they stand here, without scripts.",
        )
        .default("{}"),
    ]],
    rules: &[Rule::ExactlyOne(&["cron", "every"])],
    refused: &[],
};
