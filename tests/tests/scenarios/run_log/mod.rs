//! The run log: what runs did is found again, masked, and followed live.

mod away;
mod command_line;
mod keep;
mod live;
mod masking;
mod platform;
mod records;
