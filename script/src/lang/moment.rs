//! What counts as a moment in time.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::rfc2822;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp, ToSpan, Zoned};
use minijinja::Value;
use minijinja::value::ValueKind;

use super::number::{self, Num};
use super::php_date::weekday_of;
use super::{compare, text, walk};

/// The time zone of a name (IANA) or an offset (`+02:00`).
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    let name = name.trim();
    if name.eq_ignore_ascii_case("utc") || name == "Z" {
        return Some(TimeZone::UTC);
    }
    if let Some(offset) = offset(name) {
        return Some(TimeZone::fixed(offset));
    }
    TimeZoneDatabase::bundled().get(name).ok()
}

fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|letter| *letter != ':').collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.as_str(), "0"),
        4 => digits.split_at_checked(2)?,
        _ => return None,
    };
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    Offset::from_seconds(sign * seconds).ok()
}

/// The moment that a value names, in the time zone `zone`: nothing is now; a number counts seconds from 1970; text is a
/// date in one of the common forms, `now`, `today`, `tomorrow`, `yesterday`, or one of these moved by steps such as
/// `+3 days`. A date without a time zone of its own is one in `zone`.
pub(crate) fn of(value: &Value, now: Timestamp, zone: &TimeZone) -> Option<Zoned> {
    own(value, now, zone).map(|moment| moment.with_time_zone(zone.clone()))
}

/// As [`of`], but in the time zone of its own where the text has one.
pub(crate) fn own(value: &Value, now: Timestamp, zone: &TimeZone) -> Option<Zoned> {
    if compare::is_nothing(value) {
        return Some(now.to_zoned(zone.clone()));
    }
    if value.kind() == ValueKind::Number {
        return seconds(number::of(value)?).map(|moment| moment.to_zoned(zone.clone()));
    }
    if walk::is_container(value) {
        return None;
    }
    of_text(&text::of(value), now, zone)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a part of a second is below 10^9 nanoseconds"
)]
fn seconds(number: Num) -> Option<Timestamp> {
    let nanos = match number {
        Num::Int(_) => 0,
        Num::Float(float) => ((float - float.trunc()) * 1e9) as i32,
    };
    Timestamp::new(number.capped(), nanos).ok()
}

/// The longest text that may be a date, in bytes: where the date in it ends is found by trying every word.
const LONGEST: usize = 256;

/// The moment that a text names, in its own time zone or else in `zone`.
fn of_text(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Zoned> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    let digits = text.strip_prefix('@').unwrap_or(text);
    if let Ok(number) = digits.parse::<i64>() {
        return Timestamp::from_second(number)
            .ok()
            .map(|moment| moment.to_zoned(zone.clone()));
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    // The longest beginning that is a date; what follows moves it.
    for count in (0..=words.len()).rev() {
        let (head, steps) = words.split_at_checked(count)?;
        let Some(start) = absolute(&head.join(" "), now, zone) else {
            continue;
        };
        if let Some(moved) = move_by(start, &steps.join(" ")) {
            return Some(moved);
        }
    }
    None
}

fn absolute(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Zoned> {
    let here = now.to_zoned(zone.clone());
    match text.to_lowercase().as_str() {
        "" | "now" => return Some(here),
        "today" | "midnight" => return here.start_of_day().ok(),
        "noon" => return here.with().time(Time::constant(12, 0, 0, 0)).build().ok(),
        "tomorrow" => return here.checked_add(1.day()).ok()?.start_of_day().ok(),
        "yesterday" => return here.checked_sub(1.day()).ok()?.start_of_day().ok(),
        _ => {}
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        let pieces = Pieces::parse(text).ok()?;
        let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
        return Some(moment.to_zoned(TimeZone::fixed(offset)));
    }
    if let Ok(moment) = rfc2822::parse(text) {
        return Some(moment);
    }
    if let Some((local, name)) = text.rsplit_once(' ')
        && let Some(own) = self::zone(name)
        && let Some(local) = civil(local)
    {
        return local.to_zoned(own).ok();
    }
    civil(text)?.to_zoned(zone.clone()).ok()
}

/// The common forms of a date and time without a zone.
fn civil(text: &str) -> Option<DateTime> {
    if let Ok(local) = text.parse::<DateTime>() {
        return Some(local);
    }
    const DATE_TIMES: [&str; 14] = [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
        "%Y/%m/%d %H:%M:%S",
        "%Y/%m/%d %H:%M",
        "%m/%d/%Y %H:%M:%S",
        "%m/%d/%Y %H:%M",
        "%d.%m.%Y %H:%M:%S",
        "%d.%m.%Y %H:%M",
        "%B %d, %Y %H:%M",
        "%B %d, %Y %I:%M%p",
        "%B %d, %Y %I:%M %p",
        "%d %B %Y %H:%M",
        "%d %B %Y %H:%M:%S",
    ];
    const DATES: [&str; 9] = [
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%d-%m-%Y",
        "%G-W%V-%u",
        "%B %d, %Y",
        "%b %d, %Y",
        "%d %B %Y",
    ];
    DATE_TIMES
        .iter()
        .find_map(|form| DateTime::strptime(form, text).ok())
        .or_else(|| {
            DATES
                .iter()
                .find_map(|form| Date::strptime(form, text).ok())
                .map(|date| date.to_datetime(Time::midnight()))
        })
}

/// A moment moved by steps: `+3 days`, `-1 month 2 hours`, `2 weeks ago`, `next monday`. Fails (`None`) for other words.
pub(crate) fn move_by(start: Zoned, steps: &str) -> Option<Zoned> {
    let spaced = spaced(steps);
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut moment = start;
    let mut rest = words.as_slice();
    while let Some((word, after)) = rest.split_first() {
        let count = match word.to_lowercase().as_str() {
            "next" => 1,
            "last" | "previous" => -1,
            "at" | "and" => {
                rest = after;
                continue;
            }
            number => number.parse::<i64>().ok()?,
        };
        let (unit, mut after) = after.split_first()?;
        let mut count = count;
        if let Some(("ago", tail)) = after.split_first().map(|(word, tail)| (*word, tail)) {
            count = count.checked_neg()?;
            after = tail;
        }
        moment = moved(&moment, count, unit)?;
        rest = after;
    }
    Some(moment)
}

/// Steps with white space between numbers and units: `+3days` becomes `+3 days`.
fn spaced(steps: &str) -> String {
    let mut out = String::new();
    let mut before: Option<char> = None;
    for letter in steps.chars() {
        let border = match before {
            Some(before) => {
                (before.is_ascii_digit() && letter.is_alphabetic())
                    || (before.is_alphanumeric() && matches!(letter, '+' | '-'))
            }
            None => false,
        };
        if border {
            out.push(' ');
        }
        if !(before.is_some_and(|before| matches!(before, '+' | '-')) && letter == ' ') {
            out.push(letter);
            before = Some(letter);
        }
    }
    out
}

/// A moment moved by so many units.
pub(crate) fn moved(moment: &Zoned, count: i64, unit: &str) -> Option<Zoned> {
    let name = unit.to_lowercase();
    let name = if name.len() > 3 {
        name.strip_suffix('s').unwrap_or(&name)
    } else {
        &name
    };
    let span = match name {
        "sec" | "second" | "s" => Span::new().try_seconds(count),
        "min" | "minute" => Span::new().try_minutes(count),
        "hour" | "h" => Span::new().try_hours(count),
        "day" | "d" => Span::new().try_days(count),
        "week" | "w" => Span::new().try_weeks(count),
        "fortnight" => Span::new().try_weeks(count.checked_mul(2)?),
        "month" | "mon" => return months(moment, count),
        "year" | "y" => return months(moment, count.checked_mul(12)?),
        "weekday" => return weekdays(moment, count),
        day => {
            let day = weekday_of(day)?;
            let nth = i32::try_from(count).ok()?;
            return moment.nth_weekday(nth, day).ok()?.start_of_day().ok();
        }
    };
    moment.checked_add(span.ok()?).ok()
}

/// Moves by months as PHP does: a day that the month does not have runs over into the next.
fn months(moment: &Zoned, count: i64) -> Option<Zoned> {
    let date = moment.date();
    let first = date
        .first_of_month()
        .checked_add(Span::new().try_months(count).ok()?)
        .ok()?;
    let date = first
        .checked_add(Span::new().try_days(date.day() - 1).ok()?)
        .ok()?;
    date.to_datetime(moment.time())
        .to_zoned(moment.time_zone().clone())
        .ok()
}

/// Moves over working days.
fn weekdays(moment: &Zoned, count: i64) -> Option<Zoned> {
    let step = if count < 0 { -1 } else { 1 };
    let mut left = count.unsigned_abs();
    if left > 10_000 {
        return None;
    }
    let mut moment = moment.clone();
    while left > 0 {
        moment = moment.checked_add(Span::new().try_days(step).ok()?).ok()?;
        if moment.weekday().to_monday_one_offset() <= 5 {
            left -= 1;
        }
    }
    Some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> Option<String> {
        let now: Timestamp = "2024-01-31T10:20:30Z".parse().unwrap();
        let moment = of_text(text, now, &TimeZone::UTC)?.with_time_zone(TimeZone::UTC);
        Some(super::super::php_date::format(&moment, "Y-m-d H:i:s"))
    }

    #[test]
    fn the_common_forms_of_a_date_are_read() {
        for (text, expected) in [
            ("2024-02-03", "2024-02-03 00:00:00"),
            ("2024-02-03 04:05", "2024-02-03 04:05:00"),
            ("2024-02-03 04:05:06", "2024-02-03 04:05:06"),
            ("2024-02-03T04:05:06Z", "2024-02-03 04:05:06"),
            ("2024-02-03T04:05:06+02:00", "2024-02-03 02:05:06"),
            ("Sat, 03 Feb 2024 04:05:06 +0000", "2024-02-03 04:05:06"),
            ("02/03/2024", "2024-02-03 00:00:00"),
            ("3.2.2024", "2024-02-03 00:00:00"),
            ("20240203", "1970-08-23 06:16:43"),
            ("March 5, 2021 3:04pm", "2021-03-05 15:04:00"),
            ("2023-W05-2", "2023-01-31 00:00:00"),
            ("February 3, 2024", "2024-02-03 00:00:00"),
            ("1706933106", "2024-02-03 04:05:06"),
            ("@0", "1970-01-01 00:00:00"),
            ("2024-02-03 04:05 Europe/Berlin", "2024-02-03 03:05:00"),
        ] {
            assert_eq!(show(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(show("no date"), None);
        assert_eq!(show("2024-13-01"), None);
    }

    #[test]
    fn steps_move_a_date() {
        for (text, expected) in [
            ("now", "2024-01-31 10:20:30"),
            ("tomorrow", "2024-02-01 00:00:00"),
            ("+1 day", "2024-02-01 10:20:30"),
            ("+3days", "2024-02-03 10:20:30"),
            ("+1 month", "2024-03-02 10:20:30"),
            ("-1 week 2 hours", "2024-01-24 12:20:30"),
            ("2 days ago", "2024-01-29 10:20:30"),
            ("2024-02-03 +1 day", "2024-02-04 00:00:00"),
            ("next monday", "2024-02-05 00:00:00"),
            ("+1 year", "2025-01-31 10:20:30"),
            ("+3 weekdays", "2024-02-05 10:20:30"),
        ] {
            assert_eq!(show(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(show("+1 parsec"), None);
    }
}
