//! Requests that are made again.

use jiff::{SignedDuration, Timestamp};

use super::effect::HttpResponse;
use crate::document::{self, StatusPattern};
use crate::template::mix;

/// How often a request is made, and when again.
#[derive(Debug)]
pub(super) struct RetrySpec {
    attempts: u32,
    delay_ms: u64,
    factor: u64,
    max_delay_ms: u64,
    on_status: Vec<StatusPattern>,
    on_no_answer: bool,
}

impl RetrySpec {
    pub(super) fn new(retry: &document::Retry) -> Self {
        Self {
            attempts: retry.attempts,
            delay_ms: u64::from(retry.delay) * 1_000,
            factor: u64::from(retry.factor),
            max_delay_ms: u64::from(retry.max_delay) * 1_000,
            on_status: retry.on_status.clone(),
            on_no_answer: retry.on_no_answer,
        }
    }

    /// When a request is made again that was made `made` times and failed like this at `now`; none where it is not.
    pub(super) fn again(
        &self,
        made: u32,
        result: &Result<HttpResponse, String>,
        now: Timestamp,
        seed: u64,
    ) -> Option<Timestamp> {
        let transient = match result {
            Ok(response) => {
                let mut patterns = self.on_status.iter();
                patterns.any(|pattern| pattern.matches(response.status))
            }
            Err(_) => self.on_no_answer,
        };
        if !transient || made >= self.attempts {
            return None;
        }
        let asked = result.as_ref().ok().and_then(retry_after_ms);
        let wait = self.wait_ms(made, seed).max(asked.unwrap_or(0));
        let wait = i64::try_from(wait.min(self.max_delay_ms)).unwrap_or(i64::MAX);
        Some(
            now.checked_add(SignedDuration::from_millis(wait))
                .unwrap_or(now),
        )
    }

    /// Half of the delay at least, and the rest by chance.
    fn wait_ms(&self, made: u32, seed: u64) -> u64 {
        let grown = self.factor.saturating_pow(made.saturating_sub(1));
        let delay = self.delay_ms.saturating_mul(grown).min(self.max_delay_ms);
        let half = delay / 2;
        delay - mix(seed, u64::from(made)) % (half + 1)
    }
}

/// `Retry-After` in seconds (RFC 9110, 10.2.3); its form with a date is not read.
fn retry_after_ms(response: &HttpResponse) -> Option<u64> {
    let mut headers = response.headers.iter();
    let (_, value) = headers.find(|(name, _)| name == "retry-after")?;
    let seconds: u64 = value.trim().parse().ok()?;
    Some(seconds.saturating_mul(1_000))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn spec(settings: &serde_json::Value) -> RetrySpec {
        RetrySpec::new(&serde_json::from_value(settings.clone()).unwrap())
    }

    fn status(status: u16, headers: &[(&str, &str)]) -> Result<HttpResponse, String> {
        let headers = headers.iter();
        Ok(HttpResponse {
            status,
            headers: headers
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: Vec::new(),
        })
    }

    fn waits(spec: &RetrySpec, made: u32, result: &Result<HttpResponse, String>) -> Vec<i64> {
        let now = Timestamp::UNIX_EPOCH;
        (0..50)
            .filter_map(|seed| spec.again(made, result, now, seed))
            .map(Timestamp::as_millisecond)
            .collect()
    }

    #[test]
    fn delays_grow_up_to_a_bound_and_chance_shortens_them_by_half_at_most() {
        let spec = spec(&json!({"attempts": 20, "delay": 2, "factor": 3, "max_delay": 30}));
        for (made, most) in [
            (1, 2_000),
            (2, 6_000),
            (3, 18_000),
            (4, 30_000),
            (19, 30_000),
        ] {
            let waits = waits(&spec, made, &status(503, &[]));
            assert_eq!(waits.len(), 50);
            assert!(
                waits.iter().all(|wait| (most / 2..=most).contains(wait)),
                "{waits:?}"
            );
            assert!(waits.iter().any(|wait| *wait != waits[0]));
        }
        assert!(waits(&spec, 20, &status(503, &[])).is_empty());
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let usual = spec(&json!({}));
        for (result, again) in [
            (status(500, &[]), true),
            (status(429, &[]), true),
            (status(408, &[]), true),
            (status(404, &[]), false),
            (Err("refused".to_owned()), true),
        ] {
            assert_eq!(!waits(&usual, 1, &result).is_empty(), again, "{result:?}");
        }
        let strict = spec(&json!({"on_status": [503], "on_no_answer": false}));
        assert!(waits(&strict, 1, &status(500, &[])).is_empty());
        assert!(waits(&strict, 1, &Err("refused".to_owned())).is_empty());
    }

    #[test]
    fn a_longer_retry_after_is_waited_for_up_to_the_bound() {
        let spec = spec(&json!({"delay": 1, "max_delay": 60}));
        assert!(
            waits(&spec, 1, &status(429, &[("retry-after", "20")]))
                .iter()
                .all(|wait| *wait == 20_000)
        );
        assert!(
            waits(&spec, 1, &status(429, &[("retry-after", "999")]))
                .iter()
                .all(|wait| *wait == 60_000)
        );
        assert!(
            waits(&spec, 1, &status(429, &[("retry-after", "soon")]))
                .iter()
                .all(|wait| *wait <= 1_000)
        );
    }
}
