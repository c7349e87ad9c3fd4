//! Dates.

use jiff::Zoned;
use jiff::tz::TimeZone;
use minijinja::{Error, Value};

use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};
use crate::lang::{moment, php_date};

pub(crate) const FILTERS: &[Entry] = &[
    entry("date", &["date", "format", "timezone"], 1, date),
    entry("date_modify", &["date", "modifier"], 2, date_modify),
];

/// The form of a date where none is given.
const FORM: &str = "F j, Y H:i";

/// `value|date(format = "F j, Y H:i", timezone = "UTC")`: a moment in PHP's letters. The value is a number of seconds since
/// 1970 or a date as text; nothing is now. Fails when it is no date. `0|date("Y-m-d")` is `1970-01-01`.
pub(crate) fn date(call: &Call<'_, '_, '_>) -> Outcome {
    let zone = zone(call, 2)?;
    let moment = read(call, 0)?.with_time_zone(zone);
    Ok(Value::from(php_date::format(
        &moment,
        &call.text_or(1, FORM)?,
    )))
}

/// `value|date_modify("+1 day")`: a moment moved by steps, as RFC 3339 writes it, for another filter to read.
fn date_modify(call: &Call<'_, '_, '_>) -> Outcome {
    let start = read(call, 0)?;
    charge(call, 1)?;
    let moved = moment::move_by(&start, &call.text(1)?)
        .ok_or_else(|| call.wrong(1, "is no step such as `+1 day`"))?;
    Ok(Value::from(php_date::format(&moved, "Y-m-d\\TH:i:s.uP")))
}

/// The moment that an argument names, in its own time zone.
pub(crate) fn read(call: &Call<'_, '_, '_>, index: usize) -> Result<Zoned, Error> {
    charge(call, index)?;
    let now = call.run()?.scope.now;
    moment::of(call.arg(index), now, &TimeZone::UTC).ok_or_else(|| call.wrong(index, "is no date"))
}

/// Charges for reading a date: every word is held against every form of a date.
fn charge(call: &Call<'_, '_, '_>, index: usize) -> Result<(), Error> {
    let length = call.arg(index).as_str().map_or(0, str::len);
    call.charge(length.min(256).saturating_mul(4))
}

/// The time zone that an argument names; UTC where it was left out.
pub(crate) fn zone(call: &Call<'_, '_, '_>, index: usize) -> Result<TimeZone, Error> {
    match call.given(index) {
        None => Ok(TimeZone::UTC),
        Some(_) => {
            moment::zone(&call.text(index)?).ok_or_else(|| call.wrong(index, "is no time zone"))
        }
    }
}
