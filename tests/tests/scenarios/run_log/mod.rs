//! The run log: what runs did is found again, masked, and followed live.

mod away;
mod command_line;
mod keep;
mod live;
mod masking;
mod platform;
mod recorded;
mod records;
mod replays;
mod test_runs;
mod trials;
mod trials_command_line;
mod trials_refused;
mod without_listener;
