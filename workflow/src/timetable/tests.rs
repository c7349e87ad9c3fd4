//! Next and last moments, by what calendars and clocks do.

use super::*;
use serde_json::{Value, json};

fn schedule(value: Value) -> Schedule {
    serde_json::from_value(value).unwrap()
}

fn timetable(value: Value) -> Timetable {
    let schedule = schedule(value);
    Timetable::new(&schedule).unwrap_or_else(|flaws| panic!("{schedule:?}: {flaws:?}"))
}

fn cron(expression: &str, zone: &str) -> Timetable {
    timetable(json!({"cron": expression, "timezone": zone}))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The next moments as an author's clock shows them.
fn moments(timetable: &Timetable, zone: &str, after: &str, count: usize) -> Vec<String> {
    let zone = TimeZone::get(zone).unwrap();
    let mut last = at(after);
    let mut found = Vec::new();
    while found.len() < count
        && let Some(next) = timetable.next(last)
    {
        assert!(next > last, "{next} is not after {last}");
        found.push(
            next.to_zoned(zone.clone())
                .strftime("%m-%d %H:%M %z")
                .to_string(),
        );
        last = next;
    }
    found
}

fn utc(expression: &str, after: &str, count: usize) -> Vec<String> {
    let found = moments(&cron(expression, "UTC"), "UTC", after, count);
    let bare = found.iter().map(|text| text.trim_end_matches(" +0000"));
    bare.map(str::to_owned).collect()
}

#[test]
fn the_common_expressions_are_due_when_cron_has_them() {
    let after = "2026-11-27T08:59:59Z"; // A Friday.
    for (expression, expected) in [
        (
            "0 9 * * MON-FRI",
            ["11-27 09:00", "11-30 09:00", "12-01 09:00"],
        ),
        (
            "*/20 * * * *",
            ["11-27 09:00", "11-27 09:20", "11-27 09:40"],
        ),
        (
            "5/25 9 * * *",
            ["11-27 09:05", "11-27 09:30", "11-27 09:55"],
        ),
        (
            "15 8-10/2 * * *",
            ["11-27 10:15", "11-28 08:15", "11-28 10:15"],
        ),
        ("0 0 31 * *", ["12-31 00:00", "01-31 00:00", "03-31 00:00"]),
        ("0 0 L * *", ["11-30 00:00", "12-31 00:00", "01-31 00:00"]),
        (
            "0 12 * * fri#1",
            ["12-04 12:00", "01-01 12:00", "02-05 12:00"],
        ),
        (
            "0 12 * * SUN",
            ["11-29 12:00", "12-06 12:00", "12-13 12:00"],
        ),
        ("0 12 * * 7", ["11-29 12:00", "12-06 12:00", "12-13 12:00"]),
        (
            "0 12 * * sat-sun",
            ["11-28 12:00", "11-29 12:00", "12-05 12:00"],
        ),
        (
            "30 6 1,15 jan,Jul *",
            ["01-01 06:30", "01-15 06:30", "07-01 06:30"],
        ),
        ("@hourly", ["11-27 09:00", "11-27 10:00", "11-27 11:00"]),
        ("@daily", ["11-28 00:00", "11-29 00:00", "11-30 00:00"]),
        ("@weekly", ["11-29 00:00", "12-06 00:00", "12-13 00:00"]),
        ("@monthly", ["12-01 00:00", "01-01 00:00", "02-01 00:00"]),
    ] {
        assert_eq!(utc(expression, after, 3), expected, "{expression}");
    }
}

#[test]
fn a_day_of_the_month_and_one_of_the_week_are_either_enough_unless_one_begins_with_a_star() {
    let either = utc("0 0 13 * FRI", "2026-02-01T00:00:00Z", 4);
    assert_eq!(
        either,
        ["02-06 00:00", "02-13 00:00", "02-20 00:00", "02-27 00:00"]
    );
    let both = utc("0 0 */2 * FRI", "2026-02-01T00:00:00Z", 2);
    assert_eq!(both, ["02-13 00:00", "02-27 00:00"]);
}

#[test]
fn a_leap_day_is_due_in_leap_years_alone_and_comes_back_after_a_century_without_one() {
    let leap = cron("0 0 29 2 *", "UTC");
    assert_eq!(
        leap.next(at("2024-03-01T00:00:00Z")),
        Some(at("2028-02-29T00:00:00Z"))
    );
    assert_eq!(
        leap.next(at("2096-03-01T00:00:00Z")),
        Some(at("2104-02-29T00:00:00Z"))
    );
    let sunday = cron("0 0 29 2 */7", "UTC");
    assert_eq!(
        sunday.next(at("2026-01-01T00:00:00Z")),
        Some(at("2032-02-29T00:00:00Z"))
    );
    assert_eq!(
        sunday.next(at("2088-03-01T00:00:00Z")),
        Some(at("2128-02-29T00:00:00Z"))
    );
}

#[test]
fn a_local_time_that_does_not_exist_is_due_once_when_the_clocks_have_been_put_forward() {
    // 2026-03-29: 02:00 to 03:00 does not exist.
    let berlin = cron("30 2 * * *", "Europe/Berlin");
    assert_eq!(
        moments(&berlin, "Europe/Berlin", "2026-03-27T12:00:00Z", 3),
        [
            "03-28 02:30 +0100",
            "03-29 03:00 +0200",
            "03-30 02:30 +0200"
        ]
    );
    let several = cron("0,20,40 2 * * *", "Europe/Berlin");
    assert_eq!(
        moments(&several, "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
        ["03-29 03:00 +0200", "03-30 02:00 +0200"],
        "once, however many local times are left out"
    );
    let beside = cron("0 2,3 * * *", "Europe/Berlin");
    assert_eq!(
        moments(&beside, "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
        ["03-29 03:00 +0200", "03-30 02:00 +0200"]
    );
}

#[test]
fn a_local_time_that_exists_twice_is_due_at_the_first_of_both() {
    // 2026-10-25: 02:00 to 03:00 comes twice.
    let berlin = cron("30 2 * * *", "Europe/Berlin");
    assert_eq!(
        moments(&berlin, "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
        ["10-25 02:30 +0200", "10-26 02:30 +0100"]
    );
    // From within the second pass on.
    assert_eq!(
        moments(&berlin, "Europe/Berlin", "2026-10-25T01:10:00Z", 1),
        ["10-26 02:30 +0100"]
    );
    let west = cron("15 1 * * *", "America/New_York");
    assert_eq!(
        moments(&west, "America/New_York", "2026-10-31T12:00:00Z", 2),
        ["11-01 01:15 -0400", "11-02 01:15 -0500"]
    );
}

#[test]
fn an_open_hour_goes_by_the_time_that_passes() {
    let forward = cron("*/30 * * * *", "Europe/Berlin");
    assert_eq!(
        moments(&forward, "Europe/Berlin", "2026-03-29T00:29:00Z", 4),
        [
            "03-29 01:30 +0100",
            "03-29 03:00 +0200",
            "03-29 03:30 +0200",
            "03-29 04:00 +0200"
        ]
    );
    assert_eq!(
        moments(&forward, "Europe/Berlin", "2026-10-25T00:20:00Z", 4),
        [
            "10-25 02:30 +0200",
            "10-25 02:00 +0100",
            "10-25 02:30 +0100",
            "10-25 03:00 +0100"
        ]
    );
    // Half an hour, and zones that are half an hour off.
    let lord_howe = cron("0 * * * *", "Australia/Lord_Howe");
    assert_eq!(
        moments(&lord_howe, "Australia/Lord_Howe", "2026-04-04T13:59:00Z", 3),
        [
            "04-05 01:00 +1100",
            "04-05 02:00 +1030",
            "04-05 03:00 +1030"
        ]
    );
}

#[test]
fn a_day_that_a_zone_left_out_has_its_moment_when_the_next_one_begins() {
    let apia = cron("0 12 30 12 *", "Pacific/Apia");
    assert_eq!(
        moments(&apia, "Pacific/Apia", "2011-06-01T00:00:00Z", 2),
        ["12-31 00:00 +1400", "12-30 12:00 +1400"]
    );
}

#[test]
fn a_cycle_is_counted_from_a_fixed_moment_whoever_counts() {
    let cycle = timetable(json!({"every": "15 minutes"}));
    for (after, next) in [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:15:00Z"),
        ("2026-01-01T00:14:59.999Z", "2026-01-01T00:15:00Z"),
        ("2026-01-01T23:59:00Z", "2026-01-02T00:00:00Z"),
    ] {
        assert_eq!(cycle.next(at(after)), Some(at(next)), "{after}");
    }
    let from = timetable(json!({"every": "70 seconds", "from": "2026-01-01 00:00:05"}));
    assert_eq!(
        from.next(at("2020-01-01T00:00:00Z")),
        Some(at("2026-01-01T00:00:05Z"))
    );
    assert_eq!(
        from.next(at("2026-01-01T00:00:05Z")),
        Some(at("2026-01-01T00:01:15Z"))
    );
}

#[test]
fn moments_are_whole_seconds_whatever_from_says() {
    let cycle = timetable(json!({"every": "1 hour", "from": "2026-01-01T00:00:05.25Z"}));
    assert_eq!(cycle.next(Timestamp::MIN), Some(at("2026-01-01T00:00:06Z")));
    assert_eq!(
        cycle.next(at("2026-01-01T00:00:06Z")),
        Some(at("2026-01-01T01:00:06Z"))
    );
}

#[test]
fn no_moment_is_before_from_or_after_until() {
    let bound = timetable(json!({
        "cron": "0 12 * * *", "timezone": "Europe/Berlin",
        "from": "2026-06-01 12:00", "until": "2026-06-02 12:00",
    }));
    assert_eq!(
        moments(&bound, "UTC", "2020-01-01T00:00:00Z", 9),
        ["06-01 10:00 +0000", "06-02 10:00 +0000"]
    );
    let last = |now: &str| bound.last(at("2026-01-01T00:00:00Z"), at(now));
    assert_eq!(last("2026-06-01T09:59:59Z"), None);
    assert_eq!(
        last("2027-01-01T00:00:00Z"),
        Some(at("2026-06-02T10:00:00Z"))
    );
    let cycle = timetable(json!({"every": "1 hour", "until": "2026-06-01T12:30:00Z"}));
    assert_eq!(
        cycle.last(at("2026-01-01T00:00:00Z"), at("2026-07-01T00:00:00Z")),
        Some(at("2026-06-01T12:00:00Z"))
    );
    assert_eq!(cycle.next(at("2026-06-01T12:00:00Z")), None);
}

#[test]
fn the_last_moment_is_the_last_of_all_that_passed_however_long_ago() {
    for value in [
        json!({"cron": "* * * * *"}),
        json!({"cron": "0 9 * * MON-FRI", "timezone": "Europe/Berlin"}),
        json!({"cron": "30 2 * * *", "timezone": "Europe/Berlin"}),
        json!({"cron": "0 0 29 2 *"}),
        json!({"every": "10 seconds"}),
        json!({"every": "3 days"}),
    ] {
        let timetable = timetable(value.clone());
        let (after, now) = (at("2017-05-01T00:00:00Z"), at("2026-03-29T04:59:58Z"));
        let last = timetable.last(after, now).unwrap();
        assert!(last <= now, "{value}");
        assert!(timetable.next(last).unwrap() > now, "{value}");
        assert_eq!(timetable.last(last, now), None, "{value}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_a_hint() {
    let cases = [
        ("0 25 * * *", "position 3: `25` is no hour", "from 0 to 23"),
        (
            "60 * * * *",
            "position 1: `60` is no minute",
            "from 0 to 59",
        ),
        (
            "0 0 0 * *",
            "position 5: `0` is no day of the month",
            "from 1 to 31",
        ),
        (
            "0 0 1 1,foo *",
            "position 9: `foo` is no month",
            "JAN to DEC",
        ),
        (
            "0 0 * * MON-FOO",
            "position 9: `FOO` is no day of the week",
            "SUN to SAT",
        ),
        (
            "0 20-8 * * *",
            "position 3: the range `20-8` goes backwards",
            "two ranges",
        ),
        ("*/0 * * * *", "position 1: `0` is no step", "from 1 to 59"),
        ("0 0 * * MON#6", "position 9: `MON#6`", "from 1 to 5"),
        ("0 9, * * *", "position 5: `` is no hour", "from 0 to 23"),
        ("0 -9 * * *", "position 3: `-9` is no hour", "from 0 to 23"),
        ("0 0 L-3 * *", "position 5: `L` is no day", "from 1 to 31"),
        (
            "0 9 * * ?",
            "position 9: `?` is no day of the week",
            "or `*`",
        ),
        (
            "0 9 * *",
            "has five fields, and this one has 4",
            "0 9 * * MON-FRI",
        ),
        ("", "has five fields, and this one has 0", "0 9 * * MON-FRI"),
        (
            "0 0 9 * * MON",
            "and this one has 6",
            "no field for seconds",
        ),
        (
            "0 9 * * * Europe/Berlin",
            "and this one has 6",
            "`timezone`",
        ),
        ("@reboot", "`@reboot` is no word", "@hourly"),
        ("0 0 30 2 *", "is never due", "30th of February"),
        ("0 0 31 4,6,9,11 *", "is never due", "30th of February"),
    ];
    for (expression, message, hint) in cases {
        let flaws = Timetable::new(&schedule(json!({"cron": expression}))).unwrap_err();
        let [flaw] = &flaws[..] else {
            panic!("{flaws:?}")
        };
        assert_eq!(flaw.field, "cron");
        assert!(
            flaw.message.contains(message),
            "{expression}: {}",
            flaw.message
        );
        assert!(flaw.hint.contains(hint), "{expression}: {}", flaw.hint);
    }
}

#[test]
fn every_mistake_beside_the_expression_is_told_at_once() {
    let flaws = Timetable::new(&schedule(json!({
        "every": "9 seconds", "timezone": "Mars/Olympus", "from": "2026-13-01", "until": "2026-02-30",
    })))
    .unwrap_err();
    let told: Vec<_> = flaws.iter().map(|flaw| (flaw.field, flaw.code)).collect();
    assert_eq!(
        told,
        [
            ("timezone", "unknown_timezone"),
            ("from", "not_a_date"),
            ("until", "not_a_date"),
            ("every", "out_of_range"),
        ]
    );
    let between = json!({"every": "1 day", "from": "2026-01-02 00:00", "until": "2026-01-01"});
    assert_eq!(
        Timetable::new(&schedule(between)).unwrap_err()[0].code,
        "never_due"
    );
}

/// Drawn expressions, held against another implementation. It goes by UTC here, since it leaves daylight saving to its
/// caller, and has no `L` in December.
#[test]
fn drawn_expressions_are_due_when_another_implementation_has_them() {
    let mut state = 7_u64;
    let mut draw = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    };
    let mut field = |least: u64, most: u64| {
        let within = most - least + 1;
        match draw(5) {
            0 => "*".to_owned(),
            1 => format!("*/{}", 1 + draw(within - 1)),
            2 => (least + draw(within)).to_string(),
            3 => format!("{},{}", least + draw(within), least + draw(within)),
            _ => {
                let (one, other) = (least + draw(within), least + draw(within));
                format!("{}-{}/{}", one.min(other), one.max(other), 1 + draw(4))
            }
        }
    };
    for _ in 0..2_000 {
        let (minute, hour) = (field(0, 59), field(0, 23));
        let (day, month, weekday) = (field(1, 28), field(1, 12), field(0, 6));
        let expression = format!("{minute} {hour} {day} {month} {weekday}");
        let ours = cron(&expression, "UTC");
        let theirs = cronexpr::parse_crontab(&format!("{expression} UTC")).unwrap();
        let mut after = at("2026-11-25T20:31:07Z");
        for _ in 0..5 {
            // It looks no further than four years ahead.
            let Ok(expected) = theirs.find_next(cronexpr::MakeTimestamp(after)) else {
                break;
            };
            let expected = expected.timestamp();
            assert_eq!(
                ours.next(after),
                Some(expected),
                "{expression} after {after}"
            );
            after = expected;
        }
    }
}
