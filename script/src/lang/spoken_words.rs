//! Reads dates in words: `next monday`, `last day of february 2024`, `+3 days 15:30`, `2 weeks ago`.

use jiff::civil::Time;

use super::moment;
use super::php_date::{month_of, weekday_of};
use super::spoken_date::{Of, Search, Spoken, Weekday};

const ORDINALS: [&str; 12] = [
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
];

/// How many words a date may take.
const LONGEST: usize = 6;

/// Reads words. `None` where one of them says nothing about a moment.
pub(crate) fn read(text: &str) -> Option<Spoken> {
    let spaced = spaced(&text.to_lowercase());
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut spoken = Spoken::default();
    let mut rest = words.as_slice();
    while !rest.is_empty() {
        let taken = spoken.take(rest).filter(|taken| *taken > 0)?;
        rest = rest.get(taken..).unwrap_or_default();
    }
    Some(spoken)
}

/// Words with white space between numbers and units: `+3days` becomes `+3 days`; commas after words go.
fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut signed = false;
    for word in text.split_whitespace() {
        let word = word.trim_end_matches(',');
        // A sign may stand apart from its number.
        if !signed && !out.is_empty() {
            out.push(' ');
        }
        signed = matches!(word, "+" | "-");
        let number = word.trim_start_matches(['+', '-']);
        let unit = number.trim_start_matches(|one: char| one.is_ascii_digit());
        let is_unit = unit.len() < number.len()
            && !unit.is_empty()
            && unit.bytes().all(|letter| letter.is_ascii_alphabetic())
            && !matches!(unit, "am" | "pm" | "st" | "nd" | "rd" | "th");
        if is_unit {
            out.push_str(word.strip_suffix(unit).unwrap_or(word));
            out.push(' ');
            out.push_str(unit);
        } else {
            out.push_str(word);
        }
    }
    out
}

impl Spoken {
    /// Takes what the next words say; yields how many they are.
    fn take(&mut self, words: &[&str]) -> Option<usize> {
        self.take_absolute(words)
            .or_else(|| self.take_word(words))
            .or_else(|| self.take_time(words))
            .or_else(|| self.take_of(words))
            .or_else(|| self.take_step(words))
            .or_else(|| self.take_month(words))
            .or_else(|| self.take_weekday(words))
            .or_else(|| self.take_zone(words))
    }

    fn take_absolute(&mut self, words: &[&str]) -> Option<usize> {
        if self.date.is_some() || !begins_a_date(words) {
            return None;
        }
        let most = words.len().min(LONGEST);
        (1..=most).rev().find_map(|count| {
            let text = words.get(..count)?.join(" ");
            let (date, time, zone) = moment::absolute(&text)?;
            self.date = Some(date);
            self.time = time.or(self.time);
            self.zone = zone.or(self.zone.take());
            Some(count)
        })
    }

    fn take_word(&mut self, words: &[&str]) -> Option<usize> {
        let (days, hour) = match *words.first()? {
            "now" | "at" | "and" => return Some(1),
            "today" | "midnight" => (0, 0),
            "noon" => (0, 12),
            "tomorrow" => (1, 0),
            "yesterday" => (-1, 0),
            _ => return None,
        };
        self.days = self.days.checked_add(days)?;
        self.time = Time::new(hour, 0, 0, 0).ok();
        Some(1)
    }

    /// `15:30`, `15:30:10.5`, `3pm`, `3:30 pm`.
    fn take_time(&mut self, words: &[&str]) -> Option<usize> {
        let word = *words.first()?;
        let half = |text: &str| matches!(text, "am" | "pm" | "a.m." | "p.m.");
        if half(word) {
            // The date before it took the hour along.
            let time = self.time?;
            let digits = format!("{}:{}:{}", time.hour(), time.minute(), time.second());
            self.time = Some(clock(&digits, Some(word.starts_with('p')))?);
            return Some(1);
        }
        let attached = ["am", "pm"].into_iter().find(|half| word.ends_with(half));
        let next = words.get(1).copied().filter(|next| half(next));
        let digits = attached
            .and_then(|half| word.strip_suffix(half))
            .unwrap_or(word);
        let (which, count) = match (attached, next) {
            (Some(half), _) => (Some(half), 1),
            (None, Some(half)) => (Some(half), 2),
            (None, None) => (None, 1),
        };
        if which.is_none() && !digits.contains(':') {
            return None;
        }
        self.time = Some(clock(digits, which.map(|half| half.starts_with('p')))?);
        Some(count)
    }

    /// `first day of`, `last day of`, `third friday of`.
    fn take_of(&mut self, words: &[&str]) -> Option<usize> {
        let [which, what, "of", ..] = words else {
            return None;
        };
        let nth = match ordinal(which) {
            Some(nth) => nth,
            None if matches!(*which, "last" | "previous") => 0,
            None => return None,
        };
        self.of = Some(match (*what, nth) {
            ("day", 1) => Of::FirstDay,
            ("day", 0) => Of::LastDay,
            (name, nth) => {
                let day = sunday_offset(name)?;
                self.time = Some(Time::midnight());
                Of::Nth(nth, day)
            }
        });
        Some(3)
    }

    /// `+3 days`, `next month`, `third monday`, `last week`, and `ago`, which turns all before it round.
    fn take_step(&mut self, words: &[&str]) -> Option<usize> {
        let word = *words.first()?;
        if word == "ago" {
            self.turn_round()?;
            return Some(1);
        }
        let unit = *words.get(1)?;
        let (count, is_number) = match (word, ordinal(word)) {
            (_, Some(count)) => (count, false),
            ("next", _) => (1, false),
            ("last" | "previous", _) => (-1, false),
            ("this", _) => (0, false),
            (number, _) => (number.parse().ok()?, true),
        };
        if !is_number && unit == "week" {
            self.days = self.days.checked_add(count.checked_mul(7)?)?;
            self.weekday = Some(Weekday {
                day: self.weekday.map_or(1, |weekday| weekday.day),
                search: Search::InWeek,
            });
            return Some(2);
        }
        let search = if is_number || word == "this" {
            Search::From
        } else {
            Search::After
        };
        self.step(count, unit, search, is_number)?;
        Some(2)
    }

    fn step(&mut self, count: i64, unit: &str, search: Search, keeps_time: bool) -> Option<()> {
        let add = |to: &mut i64, size: i64| -> Option<()> {
            *to = to.checked_add(count.checked_mul(size)?)?;
            Some(())
        };
        let single = unit
            .strip_suffix('s')
            .filter(|one| one.len() > 2)
            .unwrap_or(unit);
        match single {
            "sec" | "second" | "s" => add(&mut self.seconds, 1),
            "min" | "minute" => add(&mut self.seconds, 60),
            "hour" | "h" => add(&mut self.seconds, 3600),
            "day" => add(&mut self.days, 1),
            "week" => add(&mut self.days, 7),
            "fortnight" | "forthnight" => add(&mut self.days, 14),
            "month" => add(&mut self.months, 1),
            "year" => add(&mut self.months, 12),
            "weekday" => {
                if !keeps_time {
                    self.time = Some(Time::midnight());
                }
                add(&mut self.workdays, 1)
            }
            name => {
                let day = sunday_offset(name)?;
                let weeks = if count > 0 { count - 1 } else { count };
                self.days = self.days.checked_add(weeks.checked_mul(7)?)?;
                if !keeps_time {
                    self.time = Some(Time::midnight());
                }
                self.look_for(day, search);
                Some(())
            }
        }
    }

    fn look_for(&mut self, day: i64, search: Search) {
        let search = match self.weekday {
            Some(before) if before.search == Search::InWeek => Search::InWeek,
            _ => search,
        };
        self.weekday = Some(Weekday { day, search });
    }

    fn turn_round(&mut self) -> Option<()> {
        self.months = self.months.checked_neg()?;
        self.days = self.days.checked_neg()?;
        self.seconds = self.seconds.checked_neg()?;
        self.workdays = self.workdays.checked_neg()?;
        if let Some(weekday) = &mut self.weekday {
            weekday.day = if weekday.day == 0 { -7 } else { -weekday.day };
        }
        Some(())
    }

    /// `february`, `february 2024`, `february 3`, `february 3 2024`, `3 february`, `3 february 2024`.
    fn take_month(&mut self, words: &[&str]) -> Option<usize> {
        let year_at = |place: usize| {
            let year: i16 = words.get(place)?.parse().ok()?;
            (1000..=9999).contains(&year).then_some(year)
        };
        if let Some(month) = month_of(words.first()?) {
            self.month = Some(month);
            if let Some(year) = year_at(1) {
                self.year = Some(year);
                self.day = Some(1);
                return Some(2);
            }
            let Some(day) = words.get(1).and_then(|word| day_of(word)) else {
                return Some(1);
            };
            self.day = Some(day);
        } else {
            let day = day_of(words.first()?)?;
            self.month = Some(month_of(words.get(1)?)?);
            self.day = Some(day);
        }
        let year = year_at(2);
        self.year = year.or(self.year);
        Some(2 + usize::from(year.is_some()))
    }

    fn take_weekday(&mut self, words: &[&str]) -> Option<usize> {
        let word = *words.first()?;
        if matches!(word, "weekday" | "weekdays") {
            self.workdays = self.workdays.checked_add(1)?;
        } else {
            let day = sunday_offset(word)?;
            self.look_for(day, Search::From);
        }
        self.time = Some(Time::midnight());
        Some(1)
    }

    fn take_zone(&mut self, words: &[&str]) -> Option<usize> {
        self.zone = Some(moment::zone(words.first()?)?);
        Some(1)
    }
}

/// Whether a date that is written out may begin here. It costs much to find out that none does.
fn begins_a_date(words: &[&str]) -> bool {
    let first = words.first().copied().unwrap_or_default();
    first.starts_with(|one: char| one.is_ascii_digit())
        && (first.contains(['-', '/'])
            || first.contains('.') && !first.contains(':')
            || first.len() >= 8
            || words.get(1).is_some_and(|next| month_of(next).is_some()))
}

/// The day of a month, perhaps with its ending: `3`, `3rd`.
fn day_of(word: &str) -> Option<i8> {
    let bare = ["st", "nd", "rd", "th"]
        .into_iter()
        .find_map(|end| word.strip_suffix(end))
        .unwrap_or(word);
    bare.parse().ok().filter(|day| (1..=31).contains(day))
}

/// The day of the week as a number from 0 for Sunday.
fn sunday_offset(name: &str) -> Option<i64> {
    let name = name.trim_end_matches('.');
    let name = match name.strip_suffix('s').filter(|name| name.ends_with("day")) {
        Some(single) => single,
        None => name,
    };
    weekday_of(name).map(|day| i64::from(day.to_sunday_zero_offset()))
}

fn ordinal(word: &str) -> Option<i64> {
    let place = ORDINALS.iter().position(|ordinal| *ordinal == word)?;
    i64::try_from(place + 1).ok()
}

/// A time such as `15:30:10.5`; where it is one of twelve hours, `afternoon` says which.
fn clock(digits: &str, afternoon: Option<bool>) -> Option<Time> {
    let (digits, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut parts = digits.split(':');
    let mut part = |most: i8| -> Option<i8> {
        match parts.next() {
            None => Some(0),
            Some(text) => text
                .parse()
                .ok()
                .filter(|number| (0..=most).contains(number)),
        }
    };
    let (hour, minute, second) = (part(24)?, part(59)?, part(59)?);
    let hour = match afternoon {
        None => hour % 24,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
    };
    let nanos = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    Time::new(hour, minute, second, nanos).ok()
}
