//! The runners that this gateway knows of.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use shared::ids::InstanceId;
use shared::limits::PRESENCE_LASTS;
use shared::v1::presence::RunnerPresence;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::pick;

/// One runner, from its first sign of life to its loss.
#[derive(Debug)]
pub(super) struct Runner {
    pub(super) id: InstanceId,
    /// Cancelled when the runner is given up for lost.
    pub(super) lost: CancellationToken,
    /// Whether a probe is under way.
    pub(super) probing: AtomicBool,
    /// How many runs of this gateway it holds.
    held: AtomicU32,
    capacity: AtomicU32,
    in_flight: AtomicU32,
    draining: AtomicBool,
    /// When it was last heard, in milliseconds since `born`.
    heard: AtomicU64,
    born: Instant,
}

impl Runner {
    fn new(id: InstanceId, born: Instant) -> Self {
        Self {
            id,
            lost: CancellationToken::new(),
            probing: AtomicBool::new(false),
            held: AtomicU32::new(0),
            capacity: AtomicU32::new(1),
            in_flight: AtomicU32::new(0),
            draining: AtomicBool::new(false),
            heard: AtomicU64::new(0),
            born,
        }
    }

    /// When it was last heard.
    pub(super) fn heard_at(&self) -> Instant {
        self.born + Duration::from_millis(self.heard.load(Ordering::Relaxed))
    }

    /// Whether it holds runs of ours.
    pub(super) fn holds_any(&self) -> bool {
        self.held.load(Ordering::Relaxed) > 0
    }

    /// How full it is: what it says, or what we know to have sent there since.
    pub(super) fn load(&self) -> pick::Load {
        let known = self.held.load(Ordering::Relaxed);
        pick::Load {
            in_flight: self.in_flight.load(Ordering::Relaxed).max(known),
            capacity: self.capacity.load(Ordering::Relaxed),
        }
    }

    fn hear(&self, presence: &RunnerPresence, now: Instant) {
        self.capacity.store(presence.capacity, Ordering::Relaxed);
        self.in_flight.store(presence.in_flight, Ordering::Relaxed);
        self.draining.store(presence.draining, Ordering::Relaxed);
        self.give_sign_of_life(now);
    }

    /// Something came from it, presence or a part of a reply: a busy runner may be late with one and not the other.
    pub(super) fn give_sign_of_life(&self, now: Instant) {
        let since = now.saturating_duration_since(self.born).as_millis();
        self.heard
            .store(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn takes_runs(&self, now: Instant) -> bool {
        let age = now.saturating_duration_since(self.heard_at());
        !self.draining.load(Ordering::Relaxed) && age <= Duration::from_millis(PRESENCE_LASTS)
    }
}

/// A run that a runner holds for us, for as long as this lives.
#[derive(Debug)]
pub(super) struct Held(pub(super) Arc<Runner>);

impl Held {
    pub(super) fn new(runner: Arc<Runner>) -> Self {
        runner.held.fetch_add(1, Ordering::Relaxed);
        Self(runner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.held.fetch_sub(1, Ordering::Relaxed);
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Runners {
    known: Mutex<HashMap<InstanceId, Arc<Runner>>>,
    arrived: Notify,
}

impl Runners {
    /// A runner said that it is there.
    pub(super) fn heard(&self, presence: &RunnerPresence, now: Instant) {
        let mut known = self.lock();
        let runner = known
            .entry(presence.runner)
            .or_insert_with(|| Arc::new(Runner::new(presence.runner, now)));
        runner.hear(presence, now);
        drop(known);
        self.arrived.notify_waiters();
    }

    /// The better of two random runners that take runs, without those in `without`.
    pub(super) fn pick(&self, without: &[InstanceId], now: Instant) -> Option<Arc<Runner>> {
        let known = self.lock();
        let fit: Vec<&Arc<Runner>> = known
            .values()
            .filter(|runner| runner.takes_runs(now) && !without.contains(&runner.id))
            .collect();
        pick::better_of_two(&fit, |runner| runner.load(), rand::random(), rand::random())
            .map(|runner| (*runner).clone())
    }

    /// As [`Runners::pick`], waiting for one to come.
    pub(super) async fn wait(
        &self,
        without: &[InstanceId],
        patience: Duration,
    ) -> Option<Arc<Runner>> {
        let waiting = async {
            loop {
                // Listening comes first: what arrives between the look and the wait is not missed.
                let arrived = self.arrived.notified();
                if let Some(runner) = self.pick(without, Instant::now()) {
                    return runner;
                }
                arrived.await;
            }
        };
        tokio::time::timeout(patience, waiting).await.ok()
    }

    /// A runner is gone: whatever it held for us goes elsewhere.
    pub(super) fn lose(&self, runner: &Arc<Runner>) {
        let mut known = self.lock();
        if known
            .get(&runner.id)
            .is_some_and(|known| Arc::ptr_eq(known, runner))
        {
            known.remove(&runner.id);
        }
        drop(known);
        runner.lost.cancel();
    }

    /// Those that hold runs of ours.
    pub(super) fn holding(&self) -> Vec<Arc<Runner>> {
        self.lock()
            .values()
            .filter(|runner| runner.holds_any())
            .cloned()
            .collect()
    }

    /// Forgets those that have long been silent and hold nothing.
    pub(super) fn sweep(&self, now: Instant) {
        let forgotten = Duration::from_millis(10 * PRESENCE_LASTS);
        self.lock().retain(|_, runner| {
            runner.holds_any() || now.saturating_duration_since(runner.heard_at()) < forgotten
        });
    }

    /// Nothing can panic while the lock is held, so a poisoned one is still whole.
    /// All that were heard of lately.
    pub(super) fn known(&self) -> Vec<InstanceId> {
        self.lock().keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<InstanceId, Arc<Runner>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn presence(runner: InstanceId, draining: bool) -> RunnerPresence {
        RunnerPresence {
            runner,
            build: String::new(),
            lane: "default".to_owned(),
            capacity: 8,
            in_flight: 0,
            draining,
            variables_revision: 0,
        }
    }

    #[test]
    fn only_a_runner_that_was_heard_lately_and_stays_is_picked() {
        let (runners, now) = (Runners::default(), Instant::now());
        let id = InstanceId(Uuid::now_v7());
        assert!(runners.pick(&[], now).is_none());
        runners.heard(&presence(id, false), now);
        assert_eq!(runners.pick(&[], now).unwrap().id, id);
        assert!(runners.pick(&[id], now).is_none());
        let late = now + Duration::from_millis(PRESENCE_LASTS + 1);
        assert!(runners.pick(&[], late).is_none());
        runners.heard(&presence(id, true), now);
        assert!(runners.pick(&[], now).is_none());
    }

    #[test]
    fn whatever_comes_from_a_runner_is_a_sign_of_life() {
        let (runners, now) = (Runners::default(), Instant::now());
        runners.heard(&presence(InstanceId(Uuid::now_v7()), false), now);
        let runner = runners.pick(&[], now).unwrap();
        let later = now + Duration::from_millis(PRESENCE_LASTS);
        runner.give_sign_of_life(later);
        assert!(runner.heard_at() >= later);
        let much_later = later + Duration::from_millis(PRESENCE_LASTS);
        assert!(runners.pick(&[], much_later).is_some());
    }

    #[tokio::test]
    async fn who_waits_gets_the_runner_that_comes() {
        let runners = Arc::new(Runners::default());
        let id = InstanceId(Uuid::now_v7());
        let waiting = tokio::spawn({
            let runners = runners.clone();
            async move { runners.wait(&[], Duration::from_secs(30)).await }
        });
        while !waiting.is_finished() {
            runners.heard(&presence(id, false), Instant::now());
            tokio::task::yield_now().await;
        }
        assert_eq!(waiting.await.unwrap().unwrap().id, id);
    }

    #[test]
    fn a_lost_runner_tells_all_who_wait_for_it_and_comes_back_as_a_new_one() {
        let (runners, now) = (Runners::default(), Instant::now());
        let id = InstanceId(Uuid::now_v7());
        runners.heard(&presence(id, false), now);
        let first = runners.pick(&[], now).unwrap();
        runners.lose(&first);
        assert!(first.lost.is_cancelled());
        runners.heard(&presence(id, false), now);
        assert!(!runners.pick(&[], now).unwrap().lost.is_cancelled());
    }
}
