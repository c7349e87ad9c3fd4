//! Panics are logged like any other fault, with where and never with whose data.

use std::panic::{self, PanicHookInfo};
use std::sync::Once;

/// Logs every panic of the process as an error with its location and thread. Works once; later calls do nothing.
///
/// The text of a panic is logged only where it is a literal of the program: a text that was put together at run time
/// may hold what a caller sent.
pub fn log_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| panic::set_hook(Box::new(log)));
}

fn log(info: &PanicHookInfo<'_>) {
    let location = info.location().map(ToString::to_string).unwrap_or_default();
    let current = std::thread::current();
    let thread = current.name().unwrap_or("unnamed");
    match info.payload().downcast_ref::<&'static str>() {
        Some(reason) => tracing::error!(location, thread, reason, "a task panicked"),
        None => tracing::error!(location, thread, "a task panicked"),
    }
}
