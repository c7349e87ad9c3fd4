//! Values as text.

use std::borrow::Cow;

use minijinja::value::ValueKind;
use script::Value;

/// The text that a script would print. Lists and maps were weighed when they were evaluated.
pub(super) fn printed(value: &Value) -> Cow<'_, str> {
    if let Some(text) = value.as_str() {
        return Cow::Borrowed(text);
    }
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Cow::Borrowed(""),
        ValueKind::Bool => Cow::Borrowed(if value.is_true() { "1" } else { "" }),
        ValueKind::Number if !value.is_integer() => Cow::Owned(float(value)),
        ValueKind::Number => Cow::Owned(value.to_string()),
        _ => Cow::Owned(script::json_text(value, usize::MAX).unwrap_or_default()),
    }
}

/// `1.0` prints as `1`.
fn float(value: &Value) -> String {
    f64::try_from(value.clone()).map_or_else(|_| value.to_string(), |number| number.to_string())
}

/// Text for a comparison that may look away from case.
pub(super) fn folded(text: Cow<'_, str>, ignore_case: bool) -> Cow<'_, str> {
    if ignore_case {
        Cow::Owned(text.to_lowercase())
    } else {
        text
    }
}
