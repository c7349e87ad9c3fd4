//! An endpoint's rate limit: the generic cell rate algorithm, local to this gateway.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use shared::v1::views::RateLimit;

/// Requests in a window: a full window's worth may come at once, then as many as flow back.
pub(super) struct Rate {
    limiter: DefaultDirectRateLimiter,
    clock: DefaultClock,
}

impl Rate {
    /// None for a limit of nothing, which the workflow's check refuses.
    pub(super) fn new(limit: RateLimit) -> Option<Self> {
        let burst = NonZeroU32::new(limit.requests)?;
        let one = Duration::from_secs(u64::from(limit.per_seconds)) / limit.requests;
        let quota = Quota::with_period(one)?.allow_burst(burst);
        Some(Self {
            limiter: RateLimiter::direct(quota),
            clock: DefaultClock::default(),
        })
    }

    /// Takes one request's worth; else says in how many whole seconds there will be one.
    pub(super) fn take(&self) -> Result<(), u64> {
        self.limiter.check().map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }
}

impl std::fmt::Debug for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rate").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_a_whole_window_passes_and_the_next_waits_for_one_share() {
        let rate = Rate::new(RateLimit {
            requests: 3,
            per_seconds: 30,
        })
        .unwrap();
        assert!((0..3).all(|_| rate.take().is_ok()));
        let wait = rate.take().unwrap_err();
        assert!((9..=10).contains(&wait), "{wait}");
    }

    #[test]
    fn a_limit_of_nothing_is_no_limit_that_could_be_kept() {
        assert!(
            Rate::new(RateLimit {
                requests: 0,
                per_seconds: 1
            })
            .is_none()
        );
    }
}
