//! When a step is due, and how often one is tried.

use super::StatusPattern;
use super::words::{Unit, Weekday};
use jiff::SignedDuration;
use jiff::civil::Time;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// When a step begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    /// So long after the step above it, or after the run's start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Delay>,
    /// At this date and time, a script: RFC 3339 or `Y-m-d[ H:i[:s]]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The time zone of a date and time without an offset, by its IANA name.
    #[serde(default = "utc")]
    pub timezone: String,
}

/// The hours in which a step may begin. One that is due outside of them waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// From this time of day on.
    #[serde(default = "midnight")]
    pub from: TimeOfDay,
    /// Up to this time of day; one that is not after `from` is of the next day.
    #[serde(default = "midnight")]
    pub to: TimeOfDay,
    /// The time zone of both, by its IANA name.
    #[serde(default = "utc")]
    pub timezone: String,
    /// The days on which no window begins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip_days: Vec<Weekday>,
}

/// How often a request is made that does not succeed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// How often in all.
    #[serde(default = "three")]
    pub attempts: u32,
    /// Seconds before the second attempt.
    #[serde(default = "one")]
    pub delay: u32,
    /// By how much each further delay is longer than the one before.
    #[serde(default = "two")]
    pub factor: u32,
    /// The longest delay, in seconds.
    #[serde(default = "hour")]
    pub max_delay: u32,
    /// The statuses after which it is made again.
    #[serde(default = "transient")]
    pub on_status: Vec<StatusPattern>,
    /// Whether it is made again where no answer came.
    #[serde(default = "yes")]
    pub on_no_answer: bool,
}

/// A span such as `15 minutes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

impl Delay {
    /// The span.
    #[must_use]
    pub const fn duration(self) -> SignedDuration {
        SignedDuration::from_secs(self.count as i64 * self.unit.seconds())
    }
}

impl FromStr for Delay {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refusal =
            "expected a whole number and seconds, minutes, hours or days, such as `15 minutes`";
        let (count, word) = text.split_once(' ').ok_or(refusal)?;
        let unit = Unit::ALL
            .into_iter()
            .find(|unit| word == unit.as_str() || word.strip_suffix('s') == Some(unit.as_str()));
        Ok(Self {
            count: count.parse().map_err(|_| refusal)?,
            unit: unit.ok_or(refusal)?,
        })
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.count == 1 { "" } else { "s" };
        write!(formatter, "{} {}{plural}", self.count, self.unit)
    }
}

/// A time of day such as `18:30`, or `24:00`, the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay {
    minutes: u16,
}

impl TimeOfDay {
    /// The time on a clock, and whether it is that of the next day.
    #[must_use]
    pub fn clock(self) -> (Time, bool) {
        let (hour, minute) = (self.minutes / 60, self.minutes % 60);
        let hour = i8::try_from(hour % 24).unwrap_or_default();
        let minute = i8::try_from(minute).unwrap_or_default();
        let time = Time::new(hour, minute, 0, 0).unwrap_or_default();
        (time, self.minutes >= 24 * 60)
    }
}

impl FromStr for TimeOfDay {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refusal = "expected a time of day such as `18:30`";
        let (hour, minute) = text.split_once(':').ok_or(refusal)?;
        let hour: u16 = hour.parse().map_err(|_| refusal)?;
        let minute: u16 = minute.parse().map_err(|_| refusal)?;
        let minutes = hour * 60 + minute;
        if minute > 59 || minutes > 24 * 60 {
            return Err(refusal);
        }
        Ok(Self { minutes })
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:02}:{:02}",
            self.minutes / 60,
            self.minutes % 60
        )
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    };
}

as_text!(Delay);
as_text!(TimeOfDay);

const fn midnight() -> TimeOfDay {
    TimeOfDay { minutes: 0 }
}

pub(super) fn utc() -> String {
    "UTC".to_owned()
}

const fn one() -> u32 {
    1
}

const fn two() -> u32 {
    2
}

const fn three() -> u32 {
    3
}

const fn hour() -> u32 {
    3600
}

const fn yes() -> bool {
    true
}

fn transient() -> Vec<StatusPattern> {
    vec![
        StatusPattern::Code(408),
        StatusPattern::Code(429),
        StatusPattern::Class(5),
    ]
}
