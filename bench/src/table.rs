//! What a benchmark prints.

use std::time::Duration;

/// The value below which this share (in percent) of the times lies, in milliseconds.
#[must_use]
pub fn percentile(times: &mut [Duration], share: usize) -> f64 {
    times.sort_unstable();
    let place = (times.len() * share / 100).min(times.len().saturating_sub(1));
    times
        .get(place)
        .map_or(0.0, |time| time.as_secs_f64() * 1e3)
}
