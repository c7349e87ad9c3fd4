//! What counts as a moment in time.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::rfc2822;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp, Zoned};
use minijinja::Value;
use minijinja::value::ValueKind;

use super::number::{self, Num};
use super::{compare, spoken_words, text, walk};

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

/// The moment that a value names: nothing is now; a number counts seconds from 1970; text is a date in one of the common
/// forms or in words, or one moved by steps such as `+3 days`. It is in the time zone of its own where the text has one,
/// else in `zone`.
pub(crate) fn of(value: &Value, now: Timestamp, zone: &TimeZone) -> Option<Zoned> {
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

/// The longest text that may be a date, in bytes: every word is held against every form of a date.
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
    let here = now.to_zoned(zone.clone());
    spoken_words::read(text)?.from(&here, false)
}

/// What a date that is written out says: the date, its time and its time zone.
pub(crate) fn absolute(text: &str) -> Option<(Date, Option<Time>, Option<TimeZone>)> {
    let text = text.to_uppercase();
    if let Ok(pieces) = Pieces::parse(&text)
        && let Some(offset) = pieces.to_numeric_offset()
    {
        let zone = TimeZone::fixed(offset);
        return Some((pieces.date(), pieces.time(), Some(zone)));
    }
    if let Ok(moment) = rfc2822::parse(&text) {
        let zone = moment.time_zone().clone();
        return Some((moment.date(), Some(moment.time()), Some(zone)));
    }
    civil(&text).map(|(date, time)| (date, time, None))
}

/// The common forms of a date, perhaps with a time, without a zone.
fn civil(text: &str) -> Option<(Date, Option<Time>)> {
    if let Ok(date) = text.parse::<Date>() {
        let time = text.parse::<DateTime>().ok().map(DateTime::time);
        return Some((date, time.filter(|_| text.contains([':', 'T']))));
    }
    const DATE_TIMES: [&str; 11] = [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
        "%Y/%m/%d %H:%M:%S",
        "%Y/%m/%d %H:%M",
        "%m/%d/%Y %H:%M:%S",
        "%m/%d/%Y %H:%M",
        "%d.%m.%Y %H:%M:%S",
        "%d.%m.%Y %H:%M",
        "%d %B %Y %H:%M",
        "%d %B %Y %H:%M:%S",
    ];
    const DATES: [&str; 7] = [
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%d-%m-%Y",
        "%G-W%V-%u",
        "%d %B %Y",
    ];
    DATE_TIMES
        .iter()
        .find_map(|form| DateTime::strptime(form, text).ok())
        .map(|moment| (moment.date(), Some(moment.time())))
        .or_else(|| {
            DATES
                .iter()
                .find_map(|form| Date::strptime(form, text).ok())
                .map(|date| (date, None))
        })
}

/// A moment moved by words such as `+3 days`, `next monday`, `last day of february`. `None` for other words.
pub(crate) fn move_by(start: &Zoned, steps: &str) -> Option<Zoned> {
    if steps.len() > LONGEST {
        return None;
    }
    spoken_words::read(steps)?.from(start, true)
}

/// A moment moved by so many units.
pub(crate) fn moved(moment: &Zoned, count: i64, unit: &str) -> Option<Zoned> {
    let unit = match unit.to_lowercase().as_str() {
        "d" => "day".to_owned(),
        "w" => "week".to_owned(),
        "mon" => "month".to_owned(),
        "y" => "year".to_owned(),
        other => other.to_owned(),
    };
    move_by(moment, &format!("{count} {unit}"))
}

/// Moves over working days.
pub(crate) fn weekdays(moment: &Zoned, count: i64) -> Option<Zoned> {
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
