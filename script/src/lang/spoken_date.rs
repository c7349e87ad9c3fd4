//! Dates in words, as PHP reads them: what the words of [`super::spoken_words`] make of a moment.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};

use super::moment;

/// What words say about a moment: what they set, and by how much they move it.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    pub(super) date: Option<Date>,
    pub(super) year: Option<i16>,
    pub(super) month: Option<i8>,
    pub(super) day: Option<i8>,
    pub(super) time: Option<Time>,
    pub(super) zone: Option<TimeZone>,
    pub(super) months: i64,
    pub(super) days: i64,
    pub(super) seconds: i64,
    pub(super) workdays: i64,
    pub(super) weekday: Option<Weekday>,
    pub(super) of: Option<Of>,
}

/// A day of the week that is looked for from the day on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weekday {
    /// From 0 for Sunday; below 0 it is looked for backwards, -7 for Sunday.
    pub(super) day: i64,
    pub(super) search: Search,
}

/// Where a day of the week is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// After the day itself.
    After,
    /// From the day itself on.
    From,
    /// In the week of the day.
    InWeek,
}

/// `… of` a month.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    FirstDay,
    LastDay,
    /// The first, second, … of a day of the week; 0 is the last one.
    Nth(i64, i64),
}

impl Spoken {
    /// The moment, seen from `base`. Where `keeps_time` is false and the words name a date without a time, it is its
    /// beginning.
    pub(crate) fn from(&self, base: &Zoned, keeps_time: bool) -> Option<Zoned> {
        let zone = match &self.zone {
            Some(zone) => zone.clone(),
            None => base.time_zone().clone(),
        };
        let base = base.with_time_zone(zone.clone());
        let names_date = self.date.is_some() || self.month.is_some();
        let time = match self.time {
            Some(time) => time,
            None if names_date && !keeps_time => Time::midnight(),
            None => base.time(),
        };
        let date = self.moved(self.date.unwrap_or_else(|| base.date()))?;
        let moment = date.to_datetime(time).to_zoned(zone).ok()?;
        let moment = moment::weekdays(&moment, self.workdays)?;
        moment
            .checked_add(Span::new().try_seconds(self.seconds).ok()?)
            .ok()
    }

    fn moved(&self, date: Date) -> Option<Date> {
        let year = i64::from(self.year.unwrap_or(date.year()));
        let month = i64::from(self.month.unwrap_or(date.month()));
        let day = i64::from(self.day.unwrap_or(date.day()));
        match self.of {
            Some(Of::Nth(nth, weekday)) => {
                let start = first_of_month(year, month.checked_add(self.months)?)?;
                let start = if nth == 0 {
                    let end = start.last_of_month();
                    shifted(end, -(offset(end) - weekday).rem_euclid(7))?
                } else {
                    let day = shifted(start, (weekday - offset(start)).rem_euclid(7))?;
                    shifted(day, (nth - 1).checked_mul(7)?)?
                };
                shifted(start, self.days)
            }
            Some(Of::FirstDay) => first_of_month(year, month.checked_add(self.months)?),
            Some(Of::LastDay) => {
                first_of_month(year, month.checked_add(self.months)?).map(Date::last_of_month)
            }
            None => {
                let today = shifted(first_of_month(year, month)?, day - 1)?;
                let today = shifted(today, self.to_weekday(offset(today)))?;
                let (year, month) = (i64::from(today.year()), i64::from(today.month()));
                let start = first_of_month(year, month.checked_add(self.months)?)?;
                shifted(start, self.days.checked_add(i64::from(today.day()) - 1)?)
            }
        }
    }

    /// How many days it is to the day of the week that is looked for.
    fn to_weekday(&self, today: i64) -> i64 {
        let Some(Weekday { day, search }) = self.weekday else {
            return 0;
        };
        if search == Search::InWeek {
            // A week begins on Monday.
            let day = if day == 0 { 7 } else { day };
            let today = if today == 0 { 7 } else { today };
            return day - today;
        }
        if day < 0 {
            return -(7 - (day.abs() - today));
        }
        let away = day - today;
        let least = if search == Search::After { 0 } else { -1 };
        let past = if self.days < 0 {
            away < 0
        } else {
            away <= least
        };
        if past { away + 7 } else { away }
    }
}

/// The day of the week as a number from 0 for Sunday.
fn offset(date: Date) -> i64 {
    i64::from(date.weekday().to_sunday_zero_offset())
}

fn shifted(date: Date, days: i64) -> Option<Date> {
    date.checked_add(Span::new().try_days(days).ok()?).ok()
}

/// The first day of a month, where months past the twelfth run over into the next years.
fn first_of_month(year: i64, month: i64) -> Option<Date> {
    let months = year.checked_mul(12)?.checked_add(month.checked_sub(1)?)?;
    let year = i16::try_from(months.div_euclid(12)).ok()?;
    let month = i8::try_from(months.rem_euclid(12) + 1).ok()?;
    Date::new(year, month, 1).ok()
}

#[cfg(test)]
mod tests {
    use super::super::spoken_words::read;
    use super::*;

    #[test]
    fn words_say_what_php_takes_them_for() {
        let base: Zoned = "2024-02-29T12:34:56[UTC]".parse().unwrap();
        for (words, expected) in [
            ("next week", "2024-03-04 12:34:56"),
            ("monday next week", "2024-03-04 00:00:00"),
            ("sunday this week", "2024-03-03 00:00:00"),
            ("friday last week", "2024-02-23 00:00:00"),
            ("sunday 15:30", "2024-03-03 15:30:00"),
            ("+2 sunday", "2024-03-10 12:34:56"),
            ("2 sundays ago", "2024-02-18 12:34:56"),
            ("noon tomorrow", "2024-03-01 00:00:00"),
            ("tomorrow noon", "2024-03-01 12:00:00"),
            ("february", "2024-02-29 12:34:56"),
            ("february 2025", "2025-02-01 12:34:56"),
            ("last day of february 2025", "2025-02-28 12:34:56"),
            ("third friday of november 2024", "2024-11-15 00:00:00"),
            ("last thursday of this month", "2024-02-29 00:00:00"),
            ("first monday of next month", "2024-03-04 00:00:00"),
            ("first day of next month", "2024-03-01 12:34:56"),
            ("first day of feb", "2024-02-01 12:34:56"),
            ("saturday +1 week", "2024-03-09 00:00:00"),
            ("first day", "2024-03-01 12:34:56"),
            ("10:15pm", "2024-02-29 22:15:00"),
            ("12 am", "2024-02-29 00:00:00"),
            ("2023-12-31 10:15 pm", "2023-12-31 22:15:00"),
            ("+1 day 08:00", "2024-03-01 08:00:00"),
            ("2 weeks 3 days ago", "2024-02-12 12:34:56"),
            ("-3 weekday", "2024-02-26 12:34:56"),
            ("next year", "2025-03-01 12:34:56"),
            ("+3 months wednesday", "2024-06-06 00:00:00"),
            ("+3days - 2 hours", "2024-03-03 10:34:56"),
        ] {
            let moment = read(words).and_then(|spoken| spoken.from(&base, true));
            let text = moment.map(|moment| super::super::php_date::format(&moment, "Y-m-d H:i:s"));
            assert_eq!(text.as_deref(), Some(expected), "{words}");
        }
        assert!(read("+1 parsec").is_none());
        assert!(read("tomorrow maybe").is_none());
        let far = read("+9223372036854775807 months").and_then(|spoken| spoken.from(&base, true));
        assert!(far.is_none());
    }
}
