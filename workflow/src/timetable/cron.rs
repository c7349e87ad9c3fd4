//! Cron expressions: five fields, as Vixie's cron reads them.

use jiff::civil::{Date, DateTime};

use super::Flaw;
use super::field::{DAY, Field, HOUR, MINUTE, MONTH, Set, WEEKDAY};

/// The words for the most common expressions.
const WORDS: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// After so many days without a moment there is none: the calendar repeats itself with the days of the week every 28
/// years, or 40 where a century is no leap year.
const DAYS: u32 = 41 * 366;

/// A cron expression.
#[derive(Clone, Debug)]
pub(super) struct Cron {
    minutes: Set,
    hours: Set,
    days: Set,
    months: Set,
    weekdays: Set,
}

impl Cron {
    /// Reads an expression.
    pub(super) fn parse(text: &str) -> Result<Self, Flaw> {
        let text = text.trim();
        if text.starts_with('@') {
            let known = WORDS.iter().find(|(word, _)| *word == text);
            let Some((_, expression)) = known else {
                let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
                let message = format!("`{}` is no word for a schedule", shorten(text));
                return Err(flaw(message, format!("one of {}", words.join(", "))));
            };
            return Self::parse(expression);
        }
        let fields = fields(text);
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(count(&fields));
        };
        let days = DAY.read(day)?;
        let weekdays = WEEKDAY.read(weekday)?;
        Ok(Self {
            minutes: MINUTE.read(minute)?,
            hours: HOUR.read(hour)?,
            days,
            months: MONTH.read(month)?,
            weekdays,
        })
    }

    /// Whether the hour is left open, so that the expression goes by the time that passes.
    pub(super) const fn every_hour(&self) -> bool {
        self.hours.star
    }

    /// The first local time after another.
    pub(super) fn next(&self, after: DateTime) -> Option<DateTime> {
        let mut date = after.date();
        let time = after.time();
        if self.on(date) {
            let (hour, minute) = (bit(time.hour()), bit(time.minute()));
            let this_hour = self.hours.has(hour).then(|| self.minutes.after(minute));
            if let Some(minute) = this_hour.flatten() {
                return Some(date.at(time.hour(), minute, 0, 0));
            }
            if let Some(hour) = self.hours.after(hour) {
                return Some(date.at(hour, self.minutes.first()?, 0, 0));
            }
        }
        for _ in 0..DAYS {
            date = date.tomorrow().ok()?;
            if self.on(date) {
                return Some(date.at(self.hours.first()?, self.minutes.first()?, 0, 0));
            }
        }
        None
    }

    /// Whether the expression means this day. Where both the day of the month and that of the week are given, either is
    /// enough, as cron has it.
    fn on(&self, date: Date) -> bool {
        if !self.months.has(bit(date.month())) {
            return false;
        }
        let last = self.days.last && date.day() == date.days_in_month();
        let day = last || self.days.has(bit(date.day()));
        let of_week = date.weekday().to_sunday_zero_offset();
        let place = (date.day() - 1) / 7;
        let nth = self.weekdays.nth & (1 << (bit(place) * 7 + bit(of_week))) != 0;
        let weekday = nth || self.weekdays.has(bit(of_week));
        if self.days.star || self.weekdays.star {
            day && weekday
        } else {
            day || weekday
        }
    }
}

/// The fields, each with the place of its first letter, counted from 1.
fn fields(text: &str) -> Vec<Field<'_>> {
    let words = text.split_ascii_whitespace();
    words
        .map(|word| {
            let offset = word.as_ptr() as usize - text.as_ptr() as usize;
            let before = text.get(..offset).unwrap_or_default();
            Field {
                text: word,
                at: before.chars().count() + 1,
            }
        })
        .collect()
}

fn count(fields: &[Field<'_>]) -> Flaw {
    let message = format!(
        "a cron expression has five fields, and this one has {}",
        fields.len()
    );
    let hint = match fields {
        [.., last] if last.text.contains(['/', '_']) && last.text.contains(char::is_alphabetic) => {
            "set the time zone in `timezone`"
        }
        [_, _, _, _, _, _] => "there is no field for seconds: leave the first one out",
        _ => "write minute, hour, day of the month, month, day of the week: `0 9 * * MON-FRI`",
    };
    flaw(message, hint)
}

pub(super) fn flaw(message: impl Into<String>, hint: impl Into<String>) -> Flaw {
    Flaw::new("cron", "cron", message, hint)
}

pub(super) fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

fn bit(number: i8) -> u32 {
    u32::try_from(number).unwrap_or_default()
}
