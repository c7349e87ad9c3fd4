//! Taking messages in: admission by permits, and a drain that waits for what was taken.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_nats::Subscriber;
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, poll};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::connect::{Bus, ConnectError};

/// What to take in, and how much of it at once.
#[derive(Clone, Debug)]
pub struct Intake {
    /// The subject or wildcard.
    pub subject: String,
    /// The queue group; none where each subscriber gets every message.
    pub group: Option<&'static str>,
    /// How many messages may be in work at once; what comes above that is shed.
    pub permits: Permits,
}

/// The rights to have messages in work; clones are one and the same bound.
#[derive(Clone, Debug)]
pub struct Permits {
    free: Arc<Semaphore>,
    all: usize,
}

impl Permits {
    /// A bound of so many messages.
    #[must_use]
    pub fn new(all: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(all)),
            all,
        }
    }

    /// How many messages are in work.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.all.saturating_sub(self.free.available_permits())
    }
}

/// A message that was taken in.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The subject that it was sent to.
    pub subject: String,
    /// Where an answer goes.
    pub reply: Option<String>,
    /// The payload.
    pub payload: Bytes,
}

/// The right to have one message in work.
pub struct Permit {
    _permit: OwnedSemaphorePermit,
}

/// The work for one message.
///
/// It begins at once in the reader of the subscription, and goes on beside the others only where
/// it has to wait: a task for each message costs a sixth of the throughput of short work.
pub type Work = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// What handles messages. It must not block.
pub trait Handler: Send + 'static {
    /// Handles a message.
    fn handle(&mut self, message: Incoming, permit: Permit) -> Work;

    /// Answers a message that finds no permit.
    fn shed(&mut self, message: Incoming) -> Work;
}

/// A running intake.
pub struct Serving {
    stop: CancellationToken,
    work: TaskTracker,
}

impl Bus {
    /// Subscribes and handles what comes. Returns once the server has the subscription.
    ///
    /// # Errors
    /// [`ConnectError`] when the subscription cannot be made.
    pub async fn serve<H: Handler>(
        &self,
        intake: Intake,
        handler: H,
    ) -> Result<Serving, ConnectError> {
        let subscriber = match intake.group {
            Some(group) => {
                self.client()
                    .queue_subscribe(intake.subject.clone(), group.to_owned())
                    .await
            }
            None => self.client().subscribe(intake.subject.clone()).await,
        }
        .map_err(ConnectError::Inbox)?;
        self.round_trip().await?;
        let permits = intake.permits;
        let serving = Serving {
            stop: CancellationToken::new(),
            work: TaskTracker::new(),
        };
        let (stop, work) = (serving.stop.clone(), serving.work.clone());
        serving
            .work
            .spawn(take(subscriber, handler, permits, work, stop));
        Ok(serving)
    }
}

async fn take<H: Handler>(
    mut subscriber: Subscriber,
    mut handler: H,
    permits: Permits,
    tracker: TaskTracker,
    stop: CancellationToken,
) {
    let mut stopping = false;
    loop {
        let message = tokio::select! {
            biased;
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                // What the client already holds is still handed out after this.
                if subscriber.drain().await.is_err() {
                    break;
                }
                continue;
            }
            message = subscriber.next() => message,
        };
        let Some(message) = message else { break };
        let message = Incoming {
            subject: message.subject.to_string(),
            reply: message.reply.map(|reply| reply.to_string()),
            payload: message.payload,
        };
        let work = match permits.free.clone().try_acquire_owned() {
            Ok(permit) => handler.handle(message, Permit { _permit: permit }),
            Err(_) => {
                metrics::counter!("earshot_bus_shed_total").increment(1);
                handler.shed(message)
            }
        };
        // One message's panic must not end the intake of all others.
        let mut work = AssertUnwindSafe(work).catch_unwind().map(|outcome| {
            if outcome.is_err() {
                metrics::counter!("earshot_bus_panics_total").increment(1);
                tracing::error!("the work for a message panicked");
            }
        });
        if poll!(&mut work).is_pending() {
            tracker.spawn(work);
        }
    }
}

impl Serving {
    /// Takes nothing new and waits for what was taken. Whether all of it was done in time.
    pub async fn drain(self, grace: Duration) -> bool {
        self.stop.cancel();
        self.work.close();
        timeout(grace, self.work.wait()).await.is_ok()
    }
}
