//! The command line.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser;

/// Kills, hangs and cuts the parts of a platform under load, and checks that nothing that was accepted is lost.
#[derive(Clone, Debug, Parser)]
#[command(name = "chaos", bin_name = "cargo xtask chaos")]
pub(crate) struct Options {
    /// For how long faults happen
    #[arg(long, default_value_t = 10.0, value_name = "N")]
    pub(crate) minutes: f64,
    /// Requests a second
    #[arg(long, default_value_t = 200, value_name = "R")]
    pub(crate) rate: u64,
    /// What faults and requests are drawn from; drawn itself where it is not given
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// How many runners there are
    #[arg(long, default_value_t = 3, value_name = "N")]
    pub(crate) runners: usize,
    /// How long after a restart the first request may succeed, in seconds
    #[arg(long, default_value_t = 2.0, value_name = "SECONDS")]
    pub(crate) first_success: f64,
    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Turn one of the planted bugs on, which a build with the feature `planted-bugs` has
    #[arg(long, value_name = "NAME")]
    pub(crate) planted: Option<String>,
}

impl Options {
    /// For how long faults happen.
    pub(crate) fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.minutes * 60.0)
    }

    /// How long after a restart the first request may succeed.
    pub(crate) fn first_success(&self) -> Duration {
        Duration::from_secs_f64(self.first_success)
    }

    /// The seed.
    pub(crate) fn seed(&mut self) -> u64 {
        *self.seed.get_or_insert_with(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            since.map_or(0, |since| u64::from(since.subsec_nanos()))
        })
    }
}
