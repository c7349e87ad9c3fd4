//! Which gateways are there, and up to where they serve.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bus::serve::{Handler, Incoming, Intake, Permit, Permits, Serving, Work};
use bus::{Bus, ConnectError};
use shared::ids::InstanceId;
use shared::v1::presence::GatewayPresence;
use shared::{frame, limits, subjects};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout_at};

/// How long a change waits for the gateways before it is reported as done.
const PATIENCE: Duration = Duration::from_secs(1);

const LASTS: Duration = Duration::from_millis(limits::PRESENCE_LASTS);

/// After so long every gateway that is there has been heard at least once.
const ACQUAINTED: Duration = Duration::from_millis(2 * limits::PRESENCE_EVERY);

/// How many gateways are kept in mind; more than any platform has, so that memory is bounded.
const MOST: usize = 4_096;

type Heard = HashMap<InstanceId, Seen>;

#[derive(Clone, Copy, Debug)]
struct Seen {
    at: Instant,
    revision: u64,
    draining: bool,
}

/// The gateways that are there. Cheap to clone.
#[derive(Clone)]
pub struct Gateways {
    heard: Arc<watch::Sender<Heard>>,
    since: Instant,
}

impl Gateways {
    /// Listens to what gateways say of themselves.
    ///
    /// # Errors
    /// [`ConnectError`] when the subscription cannot be made.
    pub async fn listen(bus: &Bus) -> Result<(Self, Serving), ConnectError> {
        let gateways = Self {
            heard: Arc::new(watch::Sender::default()),
            since: Instant::now(),
        };
        let intake = Intake {
            subject: subjects::GATEWAY_PRESENCE.to_owned(),
            group: None,
            permits: Permits::new(MOST),
        };
        let serving = bus.serve(intake, gateways.clone()).await?;
        Ok((gateways, serving))
    }

    /// Waits until every gateway that is there and stays serves the routes up to `revision`, a second at most. Whether
    /// all of them do.
    pub async fn reached(&self, revision: u64) -> bool {
        let deadline = Instant::now() + PATIENCE;
        sleep_until((self.since + ACQUAINTED).min(deadline)).await;
        let mut heard = self.heard.subscribe();
        loop {
            let next_silence = {
                let heard = heard.borrow_and_update();
                let now = Instant::now();
                let behind = heard.values().filter(|seen| {
                    !seen.draining && seen.revision < revision && seen.at + LASTS > now
                });
                match behind.map(|seen| seen.at + LASTS).min() {
                    None => return true,
                    Some(silent_at) => silent_at,
                }
            };
            if Instant::now() >= deadline {
                return false;
            }
            // Either one of them speaks, or one of them turns out to be gone.
            let _ = timeout_at(next_silence.min(deadline), heard.changed()).await;
        }
    }

    fn note(&self, presence: &GatewayPresence) {
        let now = Instant::now();
        self.heard.send_modify(|heard| {
            heard.retain(|_, seen| seen.at + LASTS > now);
            if heard.len() < MOST || heard.contains_key(&presence.gateway) {
                let (revision, draining) = (presence.routes_revision, presence.draining);
                heard.insert(
                    presence.gateway,
                    Seen {
                        at: now,
                        revision,
                        draining,
                    },
                );
            }
        });
    }
}

impl Handler for Gateways {
    fn handle(&mut self, message: Incoming, permit: Permit) -> Work {
        let gateways = self.clone();
        Box::pin(async move {
            match frame::unpack::<GatewayPresence>(&message.payload) {
                Ok(presence) => gateways.note(&presence),
                Err(error) => tracing::warn!(%error, "a gateway's presence cannot be read"),
            }
            drop(permit);
        })
    }

    fn shed(&mut self, _: Incoming) -> Work {
        Box::pin(async {})
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::interval;
    use uuid::Uuid;

    use super::*;

    fn gateways() -> Gateways {
        Gateways {
            heard: Arc::new(watch::Sender::default()),
            since: Instant::now(),
        }
    }

    fn presence(gateway: u128, routes_revision: u64, draining: bool) -> GatewayPresence {
        let gateway = InstanceId(Uuid::from_u128(gateway));
        GatewayPresence {
            gateway,
            build: String::new(),
            routes_revision,
            draining,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_gateway_nothing_is_waited_for_once_all_would_have_been_heard() {
        let gateways = gateways();
        let started = Instant::now();
        assert!(gateways.reached(5).await);
        assert_eq!(started.elapsed(), ACQUAINTED);
        let started = Instant::now();
        assert!(gateways.reached(5).await);
        assert_eq!(started.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_gateway_that_is_behind_is_waited_for() {
        let gateways = gateways();
        tokio::time::advance(ACQUAINTED).await;
        gateways.note(&presence(1, 5, false));
        gateways.note(&presence(2, 4, false));
        let waiting = tokio::spawn({
            let gateways = gateways.clone();
            async move { gateways.reached(5).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        gateways.note(&presence(2, 5, false));
        assert!(waiting.await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_gateway_that_stays_behind_is_given_up_after_a_second() {
        let gateways = gateways();
        tokio::time::advance(ACQUAINTED).await;
        gateways.note(&presence(1, 4, false));
        let speaking = tokio::spawn({
            let gateways = gateways.clone();
            async move {
                let mut every = interval(Duration::from_millis(limits::PRESENCE_EVERY));
                loop {
                    every.tick().await;
                    gateways.note(&presence(1, 4, false));
                }
            }
        });
        let started = Instant::now();
        assert!(!gateways.reached(5).await);
        // The timer's grain is a millisecond.
        assert_eq!(
            started.elapsed().as_millis() / 10,
            PATIENCE.as_millis() / 10
        );
        speaking.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_gateway_that_drains_or_has_fallen_silent_is_not_waited_for() {
        let gateways = gateways();
        tokio::time::advance(ACQUAINTED).await;
        gateways.note(&presence(1, 4, true));
        assert!(gateways.reached(5).await);
        gateways.note(&presence(2, 4, false));
        tokio::time::advance(LASTS).await;
        assert!(gateways.reached(5).await);
    }
}
