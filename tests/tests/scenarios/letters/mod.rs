//! What reaches runs from outside while they wait: callbacks, the ends of runs that they called, and operators.

mod callbacks;
mod calls;
mod cancel;
mod messages;
mod outages;
mod platform;
mod turns;
