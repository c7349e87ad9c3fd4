//! The one reply inbox of a process: a wildcard subscription that is there before anything is
//! asked, and a slot for each question. No subscription per request, nothing left behind by a
//! question that timed out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_nats::{Client, StatusCode, SubscribeError};
use bytes::Bytes;
use futures_util::StreamExt;
use shared::ids::InstanceId;
use shared::subjects;
use tokio::sync::{mpsc, watch};

/// What came to a slot.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// A message's payload.
    Message(Bytes),
    /// The server says that nobody listens on the subject that was asked.
    NoResponder,
    /// The connection to NATS was lost: what was asked or answered may have gone with it. The last that a slot gets.
    Disconnected,
}

impl Delivery {
    fn bytes(&self) -> usize {
        match self {
            Self::Message(payload) => payload.len(),
            Self::NoResponder | Self::Disconnected => 0,
        }
    }
}

/// The most bytes that one slot holds undelivered: two of the largest messages that NATS carries for us. One who may send
/// that much before it is taken has been given too much credit, or none was kept for it.
const MOST_BYTES: usize = 16 * 1024 * 1024;

type Slots = Arc<Mutex<HashMap<u64, Taker>>>;

/// The far end of a slot.
struct Taker {
    sender: mpsc::Sender<Delivery>,
    /// How many bytes the slot holds.
    held: Arc<AtomicUsize>,
}

/// The reply inbox.
pub struct Inbox {
    instance: InstanceId,
    slots: Slots,
    next: AtomicU64,
}

impl Inbox {
    /// Subscribes, and hands what comes to the slots until the connection ends. `outages` changes whenever the
    /// connection is lost.
    pub(crate) async fn open(
        client: &Client,
        instance: InstanceId,
        mut outages: watch::Receiver<u64>,
    ) -> Result<Self, SubscribeError> {
        let mut subscriber = client.subscribe(subjects::replies(instance)).await?;
        let slots = Slots::default();
        let inbox = Self {
            instance,
            slots: slots.clone(),
            next: AtomicU64::new(0),
        };
        tokio::spawn(async move {
            loop {
                let message = tokio::select! {
                    biased;
                    message = subscriber.next() => message,
                    Ok(()) = outages.changed() => {
                        close_all(&slots);
                        continue;
                    }
                };
                let Some(message) = message else { break };
                let Some(slot) = slot_number(&message.subject) else {
                    continue;
                };
                let delivery = match message.status {
                    Some(StatusCode::NO_RESPONDERS) => Delivery::NoResponder,
                    _ => Delivery::Message(message.payload),
                };
                deliver(&slots, slot, delivery);
            }
        });
        Ok(inbox)
    }

    /// A slot that holds up to `capacity` undelivered messages, and 16 MiB of them.
    ///
    /// More than that ends the slot: this reader must never wait for one slow taker, since the
    /// server would cut the whole connection.
    #[must_use]
    pub fn slot(&self, capacity: usize) -> Slot {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = mpsc::channel(capacity);
        let held = Arc::new(AtomicUsize::new(0));
        let taker = Taker {
            sender,
            held: held.clone(),
        };
        lock(&self.slots).insert(number, taker);
        let subject = subjects::reply(self.instance, number);
        Slot {
            number,
            subject,
            receiver,
            held,
            slots: self.slots.clone(),
        }
    }

    /// How many slots are open.
    #[must_use]
    pub fn open_slots(&self) -> usize {
        lock(&self.slots).len()
    }
}

/// One question's place in the inbox; closed when dropped.
pub struct Slot {
    number: u64,
    subject: String,
    receiver: mpsc::Receiver<Delivery>,
    held: Arc<AtomicUsize>,
    slots: Slots,
}

impl Slot {
    /// The subject that answers go to.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The next message; none once the slot has overflowed or the connection was lost, and all that it held was taken.
    pub async fn next(&mut self) -> Option<Delivery> {
        let delivery = self.receiver.recv().await?;
        self.held.fetch_sub(delivery.bytes(), Ordering::Relaxed);
        Some(delivery)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        lock(&self.slots).remove(&self.number);
    }
}

fn deliver(slots: &Slots, number: u64, delivery: Delivery) {
    let mut slots = lock(slots);
    let Some(taker) = slots.get(&number) else {
        metrics::counter!("earshot_bus_late_replies_total").increment(1);
        return;
    };
    let bytes = delivery.bytes();
    // What is the only one there may be of any size.
    let before = taker.held.fetch_add(bytes, Ordering::Relaxed);
    let fits = before == 0 || before.saturating_add(bytes) <= MOST_BYTES;
    if !fits || taker.sender.try_send(delivery).is_err() {
        metrics::counter!("earshot_bus_overflowed_slots_total").increment(1);
        slots.remove(&number);
    }
}

/// Nobody waits for an answer that went down with the connection.
fn close_all(slots: &Slots) {
    for (_, taker) in lock(slots).drain() {
        // A full slot ends without the word, as one that overflowed.
        let _ = taker.sender.try_send(Delivery::Disconnected);
    }
}

fn slot_number(subject: &str) -> Option<u64> {
    subject.rsplit('.').next()?.parse().ok()
}

/// Nothing can panic while the lock is held, so a poisoned one is still whole.
fn lock(slots: &Slots) -> std::sync::MutexGuard<'_, HashMap<u64, Taker>> {
    slots.lock().unwrap_or_else(PoisonError::into_inner)
}
