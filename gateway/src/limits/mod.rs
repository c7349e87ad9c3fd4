//! How much may be in work: per endpoint, and in the whole gateway.

mod rate;

use std::sync::Arc;

use shared::codes::Code;
use shared::v1::views::{RateLimit, RouteView};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Problem;
use rate::Rate;

/// The limits of one endpoint. They outlive a publish that does not change them.
#[derive(Debug)]
pub(crate) struct EndpointLimits {
    rate_limit: Option<RateLimit>,
    max_concurrency: Option<u32>,
    rate: Option<Rate>,
    at_once: Option<Arc<Semaphore>>,
}

impl EndpointLimits {
    /// The limits that a route asks for; those of the route before it where they are the same.
    pub(crate) fn of(view: &RouteView, before: Option<&Arc<Self>>) -> Arc<Self> {
        if let Some(before) = before
            && before.rate_limit == view.rate_limit
            && before.max_concurrency == view.max_concurrency
        {
            return before.clone();
        }
        Arc::new(Self {
            rate_limit: view.rate_limit,
            max_concurrency: view.max_concurrency,
            rate: view.rate_limit.and_then(Rate::new),
            at_once: view
                .max_concurrency
                .map(|most| Arc::new(Semaphore::new(most as usize))),
        })
    }

    /// Counts one request in.
    ///
    /// # Errors
    /// `rate_limited` or `concurrency_limited`.
    pub(crate) fn admit(&self) -> Result<Option<OwnedSemaphorePermit>, Problem> {
        if let Some(Err(seconds)) = self.rate.as_ref().map(Rate::take) {
            return Err(
                Problem::new(Code::RateLimited, "the endpoint's rate limit is used up")
                    .retry_after(seconds),
            );
        }
        let Some(at_once) = &self.at_once else {
            return Ok(None);
        };
        let permit = at_once.clone().try_acquire_owned().map_err(|_| {
            let detail = "the endpoint already has as many requests in work as it takes";
            Problem::new(Code::ConcurrencyLimited, detail)
        })?;
        Ok(Some(permit))
    }
}

/// The bound on all requests in work.
#[derive(Debug)]
pub(crate) struct InFlight {
    permits: Arc<Semaphore>,
}

/// One request's place among those in work, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _all: OwnedSemaphorePermit,
    _endpoint: Option<OwnedSemaphorePermit>,
}

impl InFlight {
    /// A bound of `most` requests.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(most)),
        }
    }

    /// Counts one request in, here and at its endpoint.
    ///
    /// # Errors
    /// `overloaded`, or what the endpoint's own limits say.
    pub(crate) fn admit(&self, endpoint: &EndpointLimits) -> Result<Place, Problem> {
        let place = self.admit_to_no_endpoint()?;
        Ok(Place {
            _endpoint: endpoint.admit()?,
            ..place
        })
    }

    /// Counts in a request whose endpoint is not known yet.
    ///
    /// # Errors
    /// `overloaded`.
    pub(crate) fn admit_to_no_endpoint(&self) -> Result<Place, Problem> {
        let all = self.permits.clone().try_acquire_owned().map_err(|_| {
            metrics::counter!("earshot_gateway_shed_total").increment(1);
            Problem::new(
                Code::Overloaded,
                "the gateway has as many requests in work as it takes",
            )
        })?;
        Ok(Place {
            _all: all,
            _endpoint: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(rate_limit: Option<RateLimit>, max_concurrency: Option<u32>) -> EndpointLimits {
        EndpointLimits {
            rate_limit,
            max_concurrency,
            rate: rate_limit.and_then(Rate::new),
            at_once: max_concurrency.map(|most| Arc::new(Semaphore::new(most as usize))),
        }
    }

    #[test]
    fn a_request_beyond_the_rate_is_told_when_to_come_back() {
        let limits = limits(
            Some(RateLimit {
                requests: 2,
                per_seconds: 60,
            }),
            None,
        );
        assert!(limits.admit().is_ok());
        assert!(limits.admit().is_ok());
        assert_eq!(limits.admit().unwrap_err().code(), Code::RateLimited);
    }

    #[test]
    fn a_place_is_free_again_once_its_request_is_done() {
        let (limits, all) = (limits(None, Some(1)), InFlight::new(5));
        let place = all.admit(&limits).unwrap();
        assert_eq!(
            all.admit(&limits).unwrap_err().code(),
            Code::ConcurrencyLimited
        );
        drop(place);
        assert!(all.admit(&limits).is_ok());
    }

    #[test]
    fn the_whole_gateway_has_a_bound_too() {
        let all = InFlight::new(1);
        let place = all.admit(&limits(None, None));
        assert_eq!(
            all.admit(&limits(None, None)).unwrap_err().code(),
            Code::Overloaded
        );
        drop(place);
    }
}
