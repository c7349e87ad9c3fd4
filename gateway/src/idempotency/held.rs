//! The requests with a key that this gateway is at, for other gateways that ask.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bus::Bus;
use bus::serve::{Handler, Incoming, Intake, Permit, Permits, Work};
use shared::frame::{self, Kind};
use shared::ids::RunId;
use shared::subjects;
use shared::v1::control::{Control, Here};

/// All of them. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Held {
    runs: Arc<Mutex<HashMap<RunId, usize>>>,
}

impl Held {
    /// Holds a run until what comes back is dropped.
    pub(super) fn hold(&self, run_id: RunId) -> Holding {
        *self.lock().entry(run_id).or_default() += 1;
        Holding {
            run_id,
            held: self.clone(),
        }
    }

    /// Whether a run is held.
    pub(super) fn holds(&self, run_id: RunId) -> bool {
        self.lock().contains_key(&run_id)
    }

    /// Nothing can panic while the lock is held, so a poisoned one is still whole.
    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, usize>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run that is held.
pub(super) struct Holding {
    run_id: RunId,
    held: Held,
}

impl Drop for Holding {
    fn drop(&mut self) {
        let mut runs = self.held.lock();
        if let Some(times) = runs.get_mut(&self.run_id) {
            *times -= 1;
            if *times == 0 {
                runs.remove(&self.run_id);
            }
        }
    }
}

/// Where this gateway is asked, and what answers.
pub(crate) fn intake(bus: &Bus, held: &Held) -> (Intake, Questions) {
    let intake = Intake {
        subject: subjects::control(bus.instance()),
        group: None,
        permits: Permits::new(1_024),
    };
    let questions = Questions {
        bus: bus.clone(),
        held: held.clone(),
    };
    (intake, questions)
}

/// Answers questions about runs.
pub(crate) struct Questions {
    bus: Bus,
    held: Held,
}

impl Handler for Questions {
    fn handle(&mut self, message: Incoming, permit: Permit) -> Work {
        let (bus, held) = (self.bus.clone(), self.held.clone());
        Box::pin(async move {
            let asked = frame::decode(message.payload).and_then(|frame| frame.head::<Control>());
            match (asked, message.reply) {
                (Ok(Control::Holds { run_id }), Some(reply)) => {
                    let here = Here {
                        runner: bus.instance(),
                        holds: Some(held.holds(run_id)),
                    };
                    let answered = match frame::encode(Kind::Result, &here, &[]) {
                        Ok(payload) => bus.publish(reply, payload).await.is_ok(),
                        Err(_) => false,
                    };
                    if !answered {
                        tracing::warn!(%run_id, "a question about a run could not be answered");
                    }
                }
                (Ok(_), _) => {}
                (Err(error), _) => tracing::warn!(%error, "a question cannot be read"),
            }
            drop(permit);
        })
    }

    // Whoever asks takes silence for no answer, and asks again.
    fn shed(&mut self, _message: Incoming) -> Work {
        Box::pin(async {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_run_is_held_until_the_last_hold_of_it_is_dropped() {
        let (held, run) = (Held::default(), RunId(Uuid::now_v7()));
        let (first, second) = (held.hold(run), held.hold(run));
        drop(first);
        assert!(held.holds(run));
        drop(second);
        assert!(!held.holds(run));
    }
}
