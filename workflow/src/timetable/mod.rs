//! When the runs of a schedule begin: the moments of a `cron` expression or a plain cycle.
//!
//! Nothing here reads a clock, and the same schedule always has the same moments, whoever computes them and when.

mod cron;
mod field;
mod local;
#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};

use crate::condition::moment_in;
use crate::document::Schedule;
use local::Local;

/// The shortest cycle.
pub const SHORTEST: SignedDuration = SignedDuration::from_secs(10);

/// The longest cycle.
pub const LONGEST: SignedDuration = SignedDuration::from_secs(366 * 86_400);

/// How far back the last moment is looked for, in seconds: first close by, then in longer and longer spans, so that
/// neither an expression of every minute nor one of every leap year takes long.
const LOOK_BACK: [i64; 6] = [
    120,
    2 * 3_600,
    2 * 86_400,
    40 * 86_400,
    400 * 86_400,
    10 * 366 * 86_400,
];

/// What is wrong with a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The field.
    pub field: &'static str,
    /// A word that names the kind of mistake.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

impl Flaw {
    fn new(
        field: &'static str,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            field,
            code,
            message: message.into(),
            hint: hint.into(),
        }
    }
}

/// The moments of a schedule.
#[derive(Clone, Debug)]
pub struct Timetable {
    beat: Beat,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

#[derive(Clone, Debug)]
enum Beat {
    /// So many seconds after each other, counted from a second of the Unix epoch.
    Every {
        seconds: i64,
        anchor: i64,
    },
    Cron(Local),
}

impl Timetable {
    /// Reads a schedule.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn new(schedule: &Schedule) -> Result<Self, Vec<Flaw>> {
        let mut flaws = Vec::new();
        let zone = TimeZone::get(&schedule.timezone).unwrap_or_else(|_| {
            let message = format!("there is no time zone `{}`", schedule.timezone);
            let hint = "use an IANA name such as Europe/Berlin";
            flaws.push(Flaw::new("timezone", "unknown_timezone", message, hint));
            TimeZone::UTC
        });
        // All moments are whole seconds.
        let from = date("from", schedule.from.as_deref(), &zone, &mut flaws).and_then(whole);
        let until = date("until", schedule.until.as_deref(), &zone, &mut flaws);
        let beat = match (&schedule.cron, schedule.every) {
            (Some(cron), _) => match cron::Cron::parse(cron) {
                Ok(cron) => Some(Beat::Cron(Local::new(cron, zone))),
                Err(flaw) => {
                    flaws.push(flaw);
                    None
                }
            },
            (None, Some(every)) => match cycle(every.duration()) {
                Ok(seconds) => {
                    let anchor = from.map_or(0, Timestamp::as_second);
                    Some(Beat::Every { seconds, anchor })
                }
                Err((message, hint)) => {
                    flaws.push(Flaw::new("every", "out_of_range", message, hint));
                    None
                }
            },
            (None, None) => None,
        };
        match beat {
            Some(beat) if flaws.is_empty() => Self { beat, from, until }.with_a_moment(),
            _ => Err(flaws),
        }
    }

    /// Itself, where it has a moment at all.
    fn with_a_moment(self) -> Result<Self, Vec<Flaw>> {
        if self.next(Timestamp::MIN).is_some() {
            return Ok(self);
        }
        // Without its bounds, an expression has moments in every span of 40 years, or none at all.
        let unbound = Self {
            from: None,
            until: None,
            ..self
        };
        Err(vec![if unbound.next(Timestamp::UNIX_EPOCH).is_some() {
            let message = "there is no moment between `from` and `until`";
            Flaw::new("until", "never_due", message, "set a later `until`")
        } else {
            let message = "the expression names days that no calendar has, and is never due";
            let hint = "no month has a 30th of February: name a day that the months have";
            Flaw::new("cron", "never_due", message, hint)
        }])
    }

    /// The first moment after `after`.
    #[must_use]
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let earliest = self.from.and_then(|from| from.checked_sub(NANOSECOND).ok());
        let after = after.max(earliest.unwrap_or(Timestamp::UNIX_EPOCH));
        let next = match &self.beat {
            Beat::Every { seconds, anchor } => every(*seconds, *anchor, after),
            Beat::Cron(local) => local.next(after),
        };
        next.filter(|next| self.until.is_none_or(|until| *next <= until))
    }

    /// The last moment after `after` that is not after `now`.
    #[must_use]
    pub fn last(&self, after: Timestamp, now: Timestamp) -> Option<Timestamp> {
        if let (Beat::Every { seconds, .. }, Some(first)) = (&self.beat, self.next(after)) {
            let end = self.until.map_or(now, |until| until.min(now));
            let passed = (end.as_second() - first.as_second()).div_euclid(*seconds);
            let last = Timestamp::from_second(first.as_second() + passed * seconds);
            return last.ok().filter(|_| first <= end);
        }
        let spans = LOOK_BACK.iter().map(|seconds| {
            let start = now.checked_sub(SignedDuration::from_secs(*seconds));
            start.unwrap_or(after).max(after)
        });
        let first = |start| self.next(start).filter(|moment| *moment <= now);
        let mut last = spans.chain([after]).find_map(first)?;
        while let Some(later) = first(last) {
            last = later;
        }
        Some(last)
    }
}

/// The next whole second.
fn whole(moment: Timestamp) -> Option<Timestamp> {
    let up = TimestampRound::new()
        .smallest(Unit::Second)
        .mode(RoundMode::Ceil);
    moment.round(up).ok()
}

const NANOSECOND: SignedDuration = SignedDuration::from_nanos(1);

fn every(seconds: i64, anchor: i64, after: Timestamp) -> Option<Timestamp> {
    let passed = after.as_second().checked_sub(anchor)?.div_euclid(seconds);
    // A fraction before the epoch rounds towards it.
    let this = Timestamp::from_second(anchor + passed * seconds).ok()?;
    if this > after {
        return Some(this);
    }
    Timestamp::from_second(this.as_second() + seconds).ok()
}

fn cycle(span: SignedDuration) -> Result<i64, (String, &'static str)> {
    if span < SHORTEST {
        let message = "a cycle is 10 seconds at least".to_owned();
        return Err((message, "let one run do more work"));
    }
    if span > LONGEST {
        let message = "a cycle is 366 days at most".to_owned();
        return Err((message, "use `cron` for what comes less often"));
    }
    Ok(span.as_secs())
}

fn date(
    field: &'static str,
    text: Option<&str>,
    zone: &TimeZone,
    flaws: &mut Vec<Flaw>,
) -> Option<Timestamp> {
    let text = text?;
    let moment = moment_in(text, zone);
    if moment.is_none() {
        let message = format!("`{text}` is no date and time");
        let hint = "write RFC 3339, such as 2026-12-24T18:00:00+01:00, or Y-m-d H:i:s";
        flaws.push(Flaw::new(field, "not_a_date", message, hint));
    }
    moment
}
