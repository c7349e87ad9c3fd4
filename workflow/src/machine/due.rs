//! When a step is due.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use script::{CompileError, ScriptId, ScriptsBuilder, Target};

use super::carry::sentence;
use crate::condition::moment_in;
use crate::document::{self, TimeOfDay, When};
use crate::template::Evaluator;

/// The longest wait: so long the journal of a run that waits is sure to be kept.
pub(crate) const LONGEST: SignedDuration = SignedDuration::from_secs(366 * 86_400);

/// The time of a step that does not begin at once.
#[derive(Debug)]
pub(super) struct DueSpec {
    when: Option<WhenSpec>,
    window: Option<Window>,
}

#[derive(Debug)]
enum WhenSpec {
    After(SignedDuration),
    At { script: ScriptId, zone: TimeZone },
}

/// The hours in which a step may begin.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    from: TimeOfDay,
    to: TimeOfDay,
    zone: TimeZone,
    skipped: Vec<jiff::civil::Weekday>,
}

/// A time zone that this release does not know is refused by the check, and UTC otherwise.
fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

impl DueSpec {
    /// None for a step that begins at once.
    pub(super) fn compile(
        step: &document::Step,
        scripts: &mut ScriptsBuilder,
    ) -> Result<Option<Self>, CompileError> {
        let when = match &step.when {
            Some(When {
                after: Some(delay), ..
            }) => Some(WhenSpec::After(delay.duration())),
            Some(When {
                at: Some(at),
                timezone,
                ..
            }) => Some(WhenSpec::At {
                script: scripts.add(at, Target::Text)?,
                zone: zone(timezone),
            }),
            _ => None,
        };
        let window = step.window.as_ref().map(Window::new);
        let spec = Self { when, window };
        Ok((spec.when.is_some() || spec.window.is_some()).then_some(spec))
    }

    /// When the step is due that is reached at `now`.
    ///
    /// # Errors
    /// A sentence that says why that cannot be told.
    pub(super) fn due(
        &self,
        now: Timestamp,
        evaluator: &mut Evaluator<'_>,
    ) -> Result<Timestamp, String> {
        let due = match &self.when {
            None => now,
            Some(WhenSpec::After(delay)) => now.checked_add(*delay).unwrap_or(now),
            Some(WhenSpec::At { script, zone }) => {
                let text = evaluator.render(*script).map_err(sentence)?;
                moment_in(&text, zone).ok_or_else(|| {
                    format!(
                        "`when.at` is no date and time: `{}`; write RFC 3339 or Y-m-d H:i:s",
                        shown(&text)
                    )
                })?
            }
        };
        let due = self.open(due.max(now));
        if due.duration_since(now) > LONGEST {
            return Err(format!(
                "it would be due at {due}: a run waits for 366 days at most"
            ));
        }
        Ok(due)
    }

    /// The first moment from `at` on in which the step may begin.
    pub(super) fn open(&self, at: Timestamp) -> Timestamp {
        self.window.as_ref().map_or(at, |window| window.open(at))
    }
}

fn shown(text: &str) -> String {
    text.trim().chars().take(40).collect()
}

impl Window {
    pub(crate) fn new(window: &document::Window) -> Self {
        Self {
            from: window.from,
            to: window.to,
            zone: zone(&window.timezone),
            skipped: window.skip_days.iter().map(|day| weekday(*day)).collect(),
        }
    }

    /// The first moment from `at` on that lies in the window. One that never opens is always open: the check refuses it.
    pub(crate) fn open(&self, at: Timestamp) -> Timestamp {
        let today = at.to_zoned(self.zone.clone()).date();
        // The window of yesterday may go over midnight.
        let mut day = today.yesterday().unwrap_or(today);
        for _ in 0..10 {
            if !self.skipped.contains(&day.weekday())
                && let Some((from, to)) = self.of(day)
                && at < to
            {
                return at.max(from);
            }
            let Ok(next) = day.tomorrow() else { return at };
            day = next;
        }
        at
    }

    /// The window that begins on a day.
    fn of(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let from = self.moment(day, self.from)?;
        let last = if self.to > self.from {
            day
        } else {
            day.tomorrow().ok()?
        };
        let to = self.moment(last, self.to)?;
        // A change of the clock may leave nothing of it.
        (from < to).then_some((from, to))
    }

    /// A time of day that a change of the clock leaves out is the one after it, as RFC 5545 has it.
    fn moment(&self, day: Date, time: TimeOfDay) -> Option<Timestamp> {
        let (clock, of_next_day) = time.clock();
        let day = if of_next_day {
            day.checked_add(Span::new().days(1)).ok()?
        } else {
            day
        };
        let zoned = DateTime::from_parts(day, clock).to_zoned(self.zone.clone());
        zoned.ok().map(|zoned| zoned.timestamp())
    }
}

const fn weekday(day: document::Weekday) -> jiff::civil::Weekday {
    use document::Weekday as Day;
    use jiff::civil::Weekday;
    match day {
        Day::Monday => Weekday::Monday,
        Day::Tuesday => Weekday::Tuesday,
        Day::Wednesday => Weekday::Wednesday,
        Day::Thursday => Weekday::Thursday,
        Day::Friday => Weekday::Friday,
        Day::Saturday => Weekday::Saturday,
        Day::Sunday => Weekday::Sunday,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn window(settings: &serde_json::Value) -> Window {
        Window::new(&serde_json::from_value(settings.clone()).unwrap())
    }

    fn open(window: &Window, at: &str) -> String {
        window.open(at.parse().unwrap()).to_string()
    }

    #[test]
    fn a_window_holds_what_is_due_outside_of_it_until_it_opens() {
        let day = window(&json!({"from": "08:00", "to": "18:00"}));
        for (at, due) in [
            ("2026-03-02T07:59:59Z", "2026-03-02T08:00:00Z"),
            ("2026-03-02T08:00:00Z", "2026-03-02T08:00:00Z"),
            ("2026-03-02T17:59:59Z", "2026-03-02T17:59:59Z"),
            ("2026-03-02T18:00:00Z", "2026-03-03T08:00:00Z"),
        ] {
            assert_eq!(open(&day, at), due);
        }
    }

    #[test]
    fn a_window_goes_over_midnight_and_belongs_to_the_day_on_which_it_begins() {
        let night =
            window(&json!({"from": "22:00", "to": "06:00", "skip_days": ["saturday", "sunday"]}));
        for (at, due) in [
            // Friday 6 March 2026.
            ("2026-03-06T21:00:00Z", "2026-03-06T22:00:00Z"),
            ("2026-03-07T05:59:00Z", "2026-03-07T05:59:00Z"),
            ("2026-03-07T06:00:00Z", "2026-03-09T22:00:00Z"),
            ("2026-03-07T23:00:00Z", "2026-03-09T22:00:00Z"),
            ("2026-03-09T02:00:00Z", "2026-03-09T22:00:00Z"),
        ] {
            assert_eq!(open(&night, at), due, "{at}");
        }
    }

    #[test]
    fn whole_days_are_skipped_and_the_end_of_a_day_is_24_00() {
        let weekdays = window(&json!({"skip_days": ["saturday", "sunday"]}));
        assert_eq!(
            open(&weekdays, "2026-03-07T12:00:00Z"),
            "2026-03-09T00:00:00Z"
        );
        assert_eq!(
            open(&weekdays, "2026-03-06T23:59:59Z"),
            "2026-03-06T23:59:59Z"
        );
        let evening = window(&json!({"from": "20:00", "to": "24:00"}));
        assert_eq!(
            open(&evening, "2026-03-06T23:59:59Z"),
            "2026-03-06T23:59:59Z"
        );
        assert_eq!(
            open(&evening, "2026-03-07T00:00:00Z"),
            "2026-03-07T20:00:00Z"
        );
    }

    #[test]
    fn a_window_follows_its_time_zone_over_changes_of_the_clock() {
        let berlin = window(&json!({"from": "02:30", "to": "03:30", "timezone": "Europe/Berlin"}));
        // On 29 March 2026 the clock goes from 2:00 to 3:00: 2:30 is 3:30, which is the end too.
        assert_eq!(
            open(&berlin, "2026-03-28T00:00:00Z"),
            "2026-03-28T01:30:00Z"
        );
        assert_eq!(
            open(&berlin, "2026-03-28T03:00:00Z"),
            "2026-03-30T00:30:00Z"
        );
        assert_eq!(
            open(&berlin, "2026-03-30T00:00:00Z"),
            "2026-03-30T00:30:00Z"
        );
        let office = window(&json!({"from": "09:00", "to": "17:00", "timezone": "Europe/Berlin"}));
        assert_eq!(
            open(&office, "2026-03-28T00:00:00Z"),
            "2026-03-28T08:00:00Z"
        );
        assert_eq!(
            open(&office, "2026-03-29T00:00:00Z"),
            "2026-03-29T07:00:00Z"
        );
    }
}
