//! Workflows without a listener: what the clock starts, and what others do.

mod api;
mod away;
mod firing;
mod platform;
