//! Stopping a script from outside, and moving one that costs much to where it holds up nobody.

use std::cell::RefCell;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A word that ends an evaluation, given by whoever reads a clock.
#[derive(Debug, Clone)]
pub struct Interrupt {
    given: Arc<AtomicBool>,
    bound: Duration,
}

impl Interrupt {
    /// An interrupt that is given by setting the flag, `bound` after the evaluation began.
    #[must_use]
    pub fn new(given: Arc<AtomicBool>, bound: Duration) -> Self {
        Self { given, bound }
    }

    pub(crate) fn is_given(&self) -> bool {
        self.given.load(Ordering::Relaxed)
    }

    pub(crate) fn bound(&self) -> Duration {
        self.bound
    }
}

/// Where a script is evaluated that used up what a light one may.
#[derive(Clone)]
pub struct Offload(Arc<Carry>);

/// Calls its argument once.
type Carry = dyn Fn(&mut dyn FnMut(Interrupt)) + Send + Sync;

impl Offload {
    /// A place. `carry` calls its argument once, where its time is nobody else's, with an interrupt that is given when the
    /// bound on wall time is over, and returns when that has.
    pub fn new(carry: impl Fn(&mut dyn FnMut(Interrupt)) + Send + Sync + 'static) -> Self {
        Self(Arc::new(carry))
    }

    pub(crate) fn carry(&self, work: &mut dyn FnMut(Interrupt)) {
        (self.0)(work);
    }
}

impl Debug for Offload {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Offload")
    }
}

thread_local! {
    /// The interrupt of the evaluation that this thread is at. An evaluation never changes threads.
    static CURRENT: RefCell<Option<Interrupt>> = const { RefCell::new(None) };
}

/// Evaluates under an interrupt.
pub(crate) fn under<T>(interrupt: Option<Interrupt>, evaluate: impl FnOnce() -> T) -> T {
    /// Puts back what was there, also after a panic.
    struct Back(Option<Interrupt>);
    impl Drop for Back {
        fn drop(&mut self) {
            let before = self.0.take();
            CURRENT.with_borrow_mut(|current| *current = before);
        }
    }
    let _back = Back(CURRENT.with_borrow_mut(|current| std::mem::replace(current, interrupt)));
    evaluate()
}

/// Whether the evaluation that this thread is at is to end.
pub(crate) fn is_given() -> bool {
    CURRENT.with_borrow(|current| current.as_ref().is_some_and(Interrupt::is_given))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupt_holds_for_its_own_evaluation_alone() {
        let interrupt = Interrupt::new(Arc::new(AtomicBool::new(true)), Duration::ZERO);
        assert!(!is_given());
        under(Some(interrupt), || {
            assert!(is_given());
            under(None, || assert!(!is_given()));
            assert!(is_given());
        });
        assert!(!is_given());
    }
}
