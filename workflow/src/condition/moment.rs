//! Dates.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Reads RFC 3339 or `Y-m-d[ H:i[:s]]`; the latter is UTC unless an offset stands there.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    parse_in(text, &TimeZone::UTC)
}

/// The same in the time zone `zone` where no offset stands there.
pub(crate) fn parse_in(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim_ascii();
    // Other spellings of ISO 8601, such as 20260131, are numbers here.
    let [_, _, _, _, b'-', _, _, b'-', _, _, ..] = text.as_bytes() else {
        return None;
    };
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let civil: DateTime = text.parse().ok()?;
    let zoned = civil.to_zoned(zone.clone()).ok()?;
    Some(zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_accepted_spelling_names_the_same_moment() {
        let moment: Timestamp = "2026-03-01T10:30:00Z".parse().unwrap();
        for text in [
            "2026-03-01T10:30:00Z",
            "2026-03-01T10:30:00.000Z",
            "2026-03-01t10:30:00z",
            "2026-03-01T12:30:00+02:00",
            "2026-03-01 10:30:00",
            "2026-03-01 10:30",
            " 2026-03-01 05:30:00-05:00 ",
        ] {
            assert_eq!(parse(text), Some(moment), "{text}");
        }
        assert_eq!(parse("2026-03-01"), "2026-03-01T00:00:00Z".parse().ok());
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "20260301",
            "2026-13-01",
            "2026-02-30",
            "now",
            "10:30",
            "2026-3-1",
            "1772361000",
            "2026-03-01 25:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
