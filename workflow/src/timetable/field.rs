//! One field of a cron expression.

use super::Flaw;
use super::cron::{flaw, shorten};

/// A field as it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    pub(super) text: &'a str,
    /// Where it begins in the expression, in letters, counted from 1.
    pub(super) at: usize,
}

/// What a field may hold.
pub(super) struct Range {
    name: &'static str,
    least: u32,
    most: u32,
    /// Names for the numbers from `least` on.
    names: &'static [&'static str],
}

pub(super) static MINUTE: Range = Range::new("minute", 0, 59, &[]);
pub(super) static HOUR: Range = Range::new("hour", 0, 23, &[]);
pub(super) static DAY: Range = Range::new("day of the month", 1, 31, &[]);
pub(super) static MONTH: Range = Range::new("month", 1, 12, MONTHS);
/// Sunday is 0 and 7.
pub(super) static WEEKDAY: Range = Range::new("day of the week", 0, 7, WEEKDAYS);

const MONTHS: &[&str] = &[
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The numbers of a field.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Set {
    bits: u64,
    /// Whether the field begins with `*`.
    pub(super) star: bool,
    /// Whether the last day of the month is meant.
    pub(super) last: bool,
    /// The n-th days of the week in their month: a bit for each, Sundays of the first week first.
    pub(super) nth: u64,
}

impl Set {
    pub(super) const fn has(&self, number: u32) -> bool {
        self.bits >> number & 1 == 1
    }

    /// The first number after another.
    pub(super) fn after(&self, number: u32) -> Option<i8> {
        lowest(self.bits & (u64::MAX << 1 << number))
    }

    pub(super) fn first(&self) -> Option<i8> {
        lowest(self.bits)
    }
}

fn lowest(bits: u64) -> Option<i8> {
    (bits != 0)
        .then(|| i8::try_from(bits.trailing_zeros()).ok())
        .flatten()
}

impl Range {
    const fn new(
        name: &'static str,
        least: u32,
        most: u32,
        names: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            least,
            most,
            names,
        }
    }

    /// Reads a field: `*`, numbers, names, ranges and steps, with commas between them.
    pub(super) fn read(&self, field: Field<'_>) -> Result<Set, Flaw> {
        let mut set = Set {
            star: field.text.starts_with('*'),
            ..Set::default()
        };
        let mut at = field.at;
        for text in field.text.split(',') {
            self.item(Field { text, at }, &mut set)?;
            at += text.chars().count() + 1;
        }
        if self.most == 7 && set.has(7) {
            set.bits = set.bits & !(1 << 7) | 1;
        }
        Ok(set)
    }

    fn item(&self, item: Field<'_>, set: &mut Set) -> Result<(), Flaw> {
        if self.most == 31 && item.text == "L" {
            set.last = true;
            return Ok(());
        }
        if let Some((day, place)) = item.text.split_once('#').filter(|_| self.most == 7) {
            let day = self.number(day, item)? % 7;
            let place = place.parse().ok().filter(|place| (1..=5).contains(place));
            let place: u32 = place.ok_or_else(|| {
                let message = format!("position {}: `{}`", item.at, shorten(item.text));
                flaw(
                    message,
                    "a number from 1 to 5 follows `#`: `MON#1` is the first Monday",
                )
            })?;
            set.nth |= 1 << ((place - 1) * 7 + day);
            return Ok(());
        }
        let (span, step) = match item.text.split_once('/') {
            Some((span, step)) => (span, Some(step)),
            None => (item.text, None),
        };
        let (first, last) = match span.split_once('-') {
            _ if span == "*" => (
                self.least,
                self.most.min(if self.most == 7 { 6 } else { 59 }),
            ),
            Some((first, last)) => {
                let (first, last) = (self.number(first, item)?, self.number(last, item)?);
                // At the end of a range, Sunday comes last.
                let sunday = self.most == 7 && last == 0 && first > 0;
                (first, if sunday { 7 } else { last })
            }
            None => {
                let first = self.number(span, item)?;
                (first, if step.is_some() { self.most } else { first })
            }
        };
        if first > last {
            let message = format!(
                "position {}: the range `{}` goes backwards",
                item.at,
                shorten(span)
            );
            return Err(flaw(
                message,
                "write the smaller one first, or two ranges with a comma",
            ));
        }
        let step = step.map_or(Ok(1), |step| self.step(step, item))?;
        for number in (first..=last).step_by(step) {
            set.bits |= 1 << number;
        }
        Ok(())
    }

    fn step(&self, text: &str, item: Field<'_>) -> Result<usize, Flaw> {
        let most = usize::try_from(self.most).unwrap_or_default().max(1);
        let step = text.parse().ok().filter(|step| (1..=most).contains(step));
        step.ok_or_else(|| {
            let message = format!(
                "position {}: `{}` is no step for the {}",
                item.at,
                shorten(text),
                self.name
            );
            flaw(
                message,
                format!("write a whole number from 1 to {most} after `/`"),
            )
        })
    }

    fn number(&self, text: &str, item: Field<'_>) -> Result<u32, Flaw> {
        let named = self
            .names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(text));
        if let Some(place) = named.and_then(|place| u32::try_from(place).ok()) {
            return Ok(self.least + place);
        }
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits);
        number
            .filter(|number| (self.least..=self.most).contains(number))
            .ok_or_else(|| self.wrong(text, item))
    }

    fn wrong(&self, text: &str, item: Field<'_>) -> Flaw {
        let shown = if text.is_empty() { item.text } else { text };
        let message = format!(
            "position {}: `{}` is no {}",
            item.at,
            shorten(shown),
            self.name
        );
        let names = match self.names {
            [first, .., last] => format!(", {first} to {last}"),
            _ => String::new(),
        };
        let (least, most) = (self.least, self.most);
        flaw(
            message,
            format!(
                "write a number from {least} to {most}{names}, a range such as `{least}-{most}`, or `*`"
            ),
        )
    }
}
