//! Queries and forms: `name=value` with `&` in between.

use std::borrow::Cow;

use url::form_urlencoded;

use super::MASK;
use super::json::json;
use super::names::secret_field;
use super::text::text;

/// Masks the secret fields of a query or a form; the others stay as they are spelt.
pub(in crate::run_log) fn form(fields: &str) -> String {
    let masked: Vec<Cow<'_, str>> = fields.split('&').map(field).collect();
    masked.join("&")
}

fn field(field: &str) -> Cow<'_, str> {
    let Some((name, value)) = field.split_once('=') else {
        return Cow::Borrowed(field);
    };
    if value.is_empty() {
        return Cow::Borrowed(field);
    }
    if secret_field(&decoded(name)) {
        return Cow::Owned(format!("{name}={MASK}"));
    }
    // A URL or a JSON text may stand in the value.
    let plain = decoded(value);
    let masked = if plain.trim_start().starts_with(['{', '[']) {
        text(&json(&plain))
    } else {
        text(&plain)
    };
    if masked == plain {
        return Cow::Borrowed(field);
    }
    let again: String = form_urlencoded::byte_serialize(masked.as_bytes()).collect();
    Cow::Owned(format!("{name}={again}"))
}

fn decoded(text: &str) -> String {
    // A name alone is a field without a value.
    let text = text.replace('=', "%3D");
    form_urlencoded::parse(text.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::form;

    #[test]
    fn secret_fields_are_masked_and_others_stay_as_they_are_spelt() {
        for (fields, masked) in [
            ("a=1&password=x%20y&b=%7E", "a=1&password=***&b=%7E"),
            (
                "p%61ssword=x&user%5Btoken%5D=t",
                "p%61ssword=***&user%5Btoken%5D=***",
            ),
            ("API+Key=x", "API+Key=***"),
            ("password&token=&a", "password&token=&a"),
            ("secret=a=b&x=a=b", "secret=***&x=a=b"),
            ("", ""),
        ] {
            assert_eq!(form(fields), masked);
        }
    }

    #[test]
    fn a_url_or_json_in_a_value_is_masked_too() {
        let masked = form("next=https%3A%2F%2Fu%3Ap%40h%2F%3Ftoken%3Dhunter2&a=b");
        assert!(
            !masked.contains("hunter2") && masked.ends_with("&a=b"),
            "{masked}"
        );
        let masked = form("payload=%7B%22password%22%3A%22hunter2%22%7D");
        assert!(!masked.contains("hunter2"), "{masked}");
    }
}
