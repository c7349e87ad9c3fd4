//! Writes printed values, escaped for the place where they stand.

use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Error, ErrorKind, Output, State, Value};

use super::run::Run;
use crate::lang::{text, walk};

/// The engine's formatter. Its escaping modes mean: none, as it is; HTML, markup; JSON, the content of a JSON string;
/// the custom one, a JSON value.
pub(super) fn format(
    out: &mut Output<'_>,
    state: &State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    walk::weigh(state, value)?;
    if value.is_undefined() {
        Run::of(state)?.note_printed_undefined();
    }
    let written = match state.auto_escape() {
        AutoEscape::Html if !value.is_safe() => markup(out, value),
        AutoEscape::Json => text::write_json_string(out, &text::of(value)),
        AutoEscape::Custom(_) => text::write_json_value(out, value),
        _ => plain(out, value),
    };
    written.map_err(|error| {
        Error::new(ErrorKind::WriteFailure, "the text could not be written").with_source(error)
    })
}

fn plain(out: &mut Output<'_>, value: &Value) -> std::fmt::Result {
    match value.kind() {
        ValueKind::Number if value.is_integer() => out.write_fmt(format_args!("{value}")),
        _ => out.write_str(&text::of(value)),
    }
}

fn markup(out: &mut Output<'_>, value: &Value) -> std::fmt::Result {
    match value.kind() {
        ValueKind::Number => plain(out, value),
        _ => text::write_markup(out, &text::of(value)),
    }
}
