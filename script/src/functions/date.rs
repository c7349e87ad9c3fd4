//! Dates: `now`, `date`, `dateAdd`, `daysBetween`.

use jiff::tz::TimeZone;
use jiff::{Unit, Zoned};
use minijinja::{Error, Value};

use crate::filters::date::{date, zone};
use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};
use crate::lang::{moment, number, php_date, walk};

pub(crate) const FUNCTIONS: &[Entry] = &[
    entry("now", &["format", "timezone"], 0, now),
    entry("date", &["date", "format", "timezone"], 0, date),
    entry(
        "dateAdd",
        &["date", "interval", "unit", "format"],
        2,
        date_add,
    ),
    entry("daysBetween", &["from", "to"], 2, days_between),
];

const FORM: &str = "Y-m-d H:i:s";

/// `now(format = "Y-m-d H:i:s", timezone = "UTC")`: the moment of the run in PHP's letters. Fails on an unknown time zone.
fn now(call: &Call<'_, '_, '_>) -> Outcome {
    let moment = call.run()?.scope.now.to_zoned(zone(call, 1)?);
    Ok(Value::from(php_date::format(
        &moment,
        &call.text_or(0, FORM)?,
    )))
}

fn read(call: &Call<'_, '_, '_>, index: usize) -> Result<Zoned, Error> {
    let moment = crate::filters::date::read(call, index)?;
    Ok(moment.with_time_zone(TimeZone::UTC))
}

/// `dateAdd(date, interval, unit = "days", format)`: a date moved by a number of units (seconds, minutes, hours, days, weeks,
/// months, years) or by steps such as `"+1 month"`; then `format` may stand in the place of `unit`. Without `format` the
/// result looks like the date: `Y-m-d`, or `Y-m-d H:i:s` where it has a time. `dateAdd("2024-01-31", 1)` is `2024-02-01`.
fn date_add(call: &Call<'_, '_, '_>) -> Outcome {
    let start = read(call, 0)?;
    let plain = call
        .arg(0)
        .as_str()
        .is_some_and(|text| !text.contains(':') && text.len() <= 18);
    let bare = if plain && start.time() == jiff::civil::Time::midnight() {
        "Y-m-d"
    } else {
        FORM
    };
    let (moved, form) = match number::exactly(call.arg(1)) {
        Some(count) => {
            let unit = call.text_or(2, "days")?;
            let moved = moment::moved(&start, count.capped(), &unit);
            (
                moved.ok_or_else(|| call.wrong(2, "is no unit of time"))?,
                call.given(3),
            )
        }
        None => {
            let moved = moment::move_by(&start, &call.text(1)?);
            let moved = moved.ok_or_else(|| call.wrong(1, "is no step such as `+1 day`"))?;
            (moved, call.given(3).or(call.given(2)))
        }
    };
    let form = form.map_or(bare.into(), |form| walk::text(call.state, form));
    let form = if bare == "Y-m-d" && moved.time() != jiff::civil::Time::midnight() && form == bare {
        FORM.into()
    } else {
        form
    };
    Ok(Value::from(php_date::format(&moved, &form)))
}

/// `daysBetween(from, to)`: whole days from one date to another, below 0 where `to` is earlier.
/// `daysBetween("2024-02-28", "2024-03-01")` is `2`.
fn days_between(call: &Call<'_, '_, '_>) -> Outcome {
    let (from, to) = (read(call, 0)?, read(call, 1)?);
    let span = from
        .until((Unit::Day, &to))
        .map_err(|_| call.fault("the dates are too far apart"))?;
    Ok(Value::from(span.get_days()))
}
