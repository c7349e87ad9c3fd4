//! Which gateways and runners are there, and up to where they serve.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bus::serve::{Handler, Incoming, Intake, Permit, Permits, Serving, Work};
use bus::{Bus, ConnectError};
use shared::frame::{self, FrameError};
use shared::ids::InstanceId;
use shared::v1::presence::{GatewayPresence, RunnerPresence};
use shared::{limits, subjects};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout_at};

/// How long a change waits for the gateways before it is reported as done.
const PATIENCE: Duration = Duration::from_secs(1);

const LASTS: Duration = Duration::from_millis(limits::PRESENCE_LASTS);

/// After so long every gateway that is there has been heard at least once.
const ACQUAINTED: Duration = Duration::from_millis(2 * limits::PRESENCE_EVERY);

/// How many gateways are kept in mind; more than any platform has, so that memory is bounded.
const MOST: usize = 4_096;

type Everyone = HashMap<InstanceId, Seen>;

/// Up to where someone serves, or is to serve. A runner serves every route, since a run names its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The revision of the routes bucket.
    pub routes: u64,
    /// The revision of the variables bucket.
    pub variables: u64,
}

impl Reach {
    const fn is_short_of(self, wanted: Self) -> bool {
        self.routes < wanted.routes || self.variables < wanted.variables
    }
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    at: Instant,
    reach: Reach,
    draining: bool,
}

/// The gateways and runners that are there. Cheap to clone.
#[derive(Clone)]
pub struct Gateways {
    heard: Arc<watch::Sender<Everyone>>,
    since: Instant,
}

impl Gateways {
    /// Listens to what gateways and runners say of themselves.
    ///
    /// # Errors
    /// [`ConnectError`] when a subscription cannot be made.
    pub async fn listen(bus: &Bus) -> Result<(Self, [Serving; 2]), ConnectError> {
        let gateways = Self {
            heard: Arc::new(watch::Sender::default()),
            since: Instant::now(),
        };
        let intake = |subject: &str| Intake {
            subject: subject.to_owned(),
            group: None,
            permits: Permits::new(MOST),
        };
        let listening = |read| Listening {
            read,
            gateways: gateways.clone(),
        };
        let serving = [
            bus.serve(intake(subjects::GATEWAY_PRESENCE), listening(gateway))
                .await?,
            bus.serve(intake(subjects::RUNNER_PRESENCE), listening(runner))
                .await?,
        ];
        Ok((gateways, serving))
    }

    /// Waits until everyone who is there and stays serves as far as is wanted, a second at most. Whether all of them do.
    pub async fn reached(&self, wanted: Reach) -> bool {
        let deadline = Instant::now() + PATIENCE;
        sleep_until((self.since + ACQUAINTED).min(deadline)).await;
        let mut heard = self.heard.subscribe();
        loop {
            let next_silence = {
                let heard = heard.borrow_and_update();
                let now = Instant::now();
                let behind = heard.values().filter(|seen| {
                    !seen.draining && seen.reach.is_short_of(wanted) && seen.at + LASTS > now
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

    fn note(&self, heard_of: &Heard) {
        let now = Instant::now();
        self.heard.send_modify(|heard| {
            heard.retain(|_, seen| seen.at + LASTS > now);
            if heard.len() < MOST || heard.contains_key(&heard_of.instance) {
                let seen = Seen {
                    at: now,
                    reach: heard_of.reach,
                    draining: heard_of.draining,
                };
                heard.insert(heard_of.instance, seen);
            }
        });
    }
}

/// What one says of itself.
struct Heard {
    instance: InstanceId,
    reach: Reach,
    draining: bool,
}

fn gateway(payload: &[u8]) -> Result<Heard, FrameError> {
    let presence: GatewayPresence = frame::unpack(payload)?;
    Ok(Heard {
        instance: presence.gateway,
        reach: Reach {
            routes: presence.routes_revision,
            variables: presence.variables_revision,
        },
        draining: presence.draining,
    })
}

fn runner(payload: &[u8]) -> Result<Heard, FrameError> {
    let presence: RunnerPresence = frame::unpack(payload)?;
    Ok(Heard {
        instance: presence.runner,
        reach: Reach {
            routes: u64::MAX,
            variables: presence.variables_revision,
        },
        draining: presence.draining,
    })
}

/// Listens to one kind of presence.
struct Listening {
    read: fn(&[u8]) -> Result<Heard, FrameError>,
    gateways: Gateways,
}

impl Handler for Listening {
    fn handle(&mut self, message: Incoming, permit: Permit) -> Work {
        let (read, gateways) = (self.read, self.gateways.clone());
        Box::pin(async move {
            match read(&message.payload) {
                Ok(heard) => gateways.note(&heard),
                Err(error) => tracing::warn!(%error, "a presence cannot be read"),
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

    const fn routes(routes: u64) -> Reach {
        let variables = 0;
        Reach { routes, variables }
    }

    fn presence(instance: u128, revision: u64, draining: bool) -> Heard {
        Heard {
            instance: InstanceId(Uuid::from_u128(instance)),
            reach: routes(revision),
            draining,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_runner_is_waited_for_where_variables_changed_and_never_for_routes() {
        let gateways = gateways();
        tokio::time::advance(ACQUAINTED).await;
        let said = |variables_revision| {
            let presence = RunnerPresence {
                runner: InstanceId(Uuid::from_u128(3)),
                build: String::new(),
                lane: String::new(),
                capacity: 1,
                in_flight: 0,
                draining: false,
                variables_revision,
            };
            runner(&frame::pack(&presence).unwrap()).unwrap()
        };
        gateways.note(&said(4));
        assert!(gateways.reached(routes(9)).await);
        let wanted = Reach {
            routes: 0,
            variables: 5,
        };
        let waiting = tokio::spawn({
            let gateways = gateways.clone();
            async move { gateways.reached(wanted).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        gateways.note(&said(5));
        assert!(waiting.await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_gateway_nothing_is_waited_for_once_all_would_have_been_heard() {
        let gateways = gateways();
        let started = Instant::now();
        assert!(gateways.reached(routes(5)).await);
        assert_eq!(started.elapsed(), ACQUAINTED);
        let started = Instant::now();
        assert!(gateways.reached(routes(5)).await);
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
            async move { gateways.reached(routes(5)).await }
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
        assert!(!gateways.reached(routes(5)).await);
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
        assert!(gateways.reached(routes(5)).await);
        gateways.note(&presence(2, 4, false));
        tokio::time::advance(LASTS).await;
        assert!(gateways.reached(routes(5)).await);
    }
}
