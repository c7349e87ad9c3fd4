//! Moments on the command line.

use jiff::{SignedDuration, Timestamp};

use crate::failure::Failure;

/// A moment as the API takes it: `2h` is two hours ago, and so on with `s`, `m` and `d`; anything else is handed on.
pub(crate) fn ago(text: &str) -> Result<String, Failure> {
    let seconds = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 60 * 60,
        Some('d') => 24 * 60 * 60,
        _ => return Ok(text.to_owned()),
    };
    let number = text.get(..text.len() - 1).unwrap_or_default();
    let Ok(number) = number.parse::<u32>() else {
        return Ok(text.to_owned());
    };
    let back = SignedDuration::from_secs(i64::from(number).saturating_mul(seconds));
    let moment = Timestamp::now().checked_sub(back);
    let moment = moment.map_err(|_| Failure::usage(format!("{text} is too long ago")))?;
    Ok(moment.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_counted_back_from_now_and_a_moment_stays_as_it_is() {
        let hour: Timestamp = ago("1h").unwrap().parse().unwrap();
        let since = Timestamp::now().duration_since(hour).as_secs();
        assert!((3_600..3_660).contains(&since), "{since}");
        for moment in ["2026-01-31", "2026-01-31T00:00:00Z", "soon", "d", "1.5h"] {
            assert_eq!(ago(moment).unwrap(), moment);
        }
        assert!(ago("4000000000d").is_err());
    }
}
