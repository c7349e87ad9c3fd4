//! The chaos test: a platform in processes under load, whose parts are killed, stopped and cut off, and a checker outside
//! that holds every request that was accepted. `cargo xtask chaos` builds and starts it.

// A test program, though no test harness runs it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod book;
mod checker;
mod clock;
mod documents;
mod draw;
mod faults;
mod kinds;
mod left;
mod load;
mod measure;
mod options;
mod owners;
mod planted;
mod recorder;
mod report;
mod run_log;
mod schedule;
mod steps;
mod stream;
mod trial;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use options::Options;
use planted::Planted;
use trial::Trial;

/// How long after the last fault everything has to be done.
const SETTLED: Duration = Duration::from_secs(60);

/// The most requests a second of a trial for a planted bug.
const SLOW: u64 = 60;

fn main() -> ExitCode {
    let mut options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Starting and ending processes blocks some of them.
        .worker_threads(8)
        .enable_all()
        .build()
        .expect("a runtime can be made");
    let seed = options.seed();
    let well = match options.planted.clone() {
        None => runtime.block_on(whole(&options, seed)),
        Some(name) => {
            let chosen = |bug: &&Planted| name == "all" || name == bug.name;
            let bugs: Vec<&Planted> = planted::ALL.iter().filter(chosen).collect();
            if bugs.is_empty() {
                let names: Vec<&str> = planted::ALL.iter().map(|bug| bug.name).collect();
                eprintln!("chaos: no bug {name}; there are: all, {}", names.join(", "));
                return ExitCode::from(64);
            }
            runtime.block_on(find(&bugs, seed, options.rate.min(SLOW)))
        }
    };
    if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The test itself; whether nothing was violated.
async fn whole(options: &Options, seed: u64) -> bool {
    let (minutes, rate, duration) = (options.minutes, options.rate, options.duration());
    let faults = schedule::draw(seed, duration, options.runners, load::GATEWAYS);
    eprintln!("chaos: --minutes {minutes} --rate {rate} --seed {seed}");
    for fault in &faults {
        eprintln!("{fault}");
    }
    let trial = Trial {
        seed,
        rate,
        duration,
        runners: options.runners,
        faults,
        weights: kinds::WEIGHTS.to_vec(),
        settled: SETTLED,
        first_success: options.first_success(),
        planted: None,
    };
    let outcome = trial.run().await;
    if options.json {
        println!("{:#}", outcome.json);
    } else {
        println!("{}", outcome.table);
    }
    if let Some(kept) = &outcome.kept {
        let kept = kept.display();
        eprintln!(
            "chaos: violated; again with --minutes {minutes} --rate {rate} --seed {seed}; the logs are in {kept}"
        );
    }
    outcome.kept.is_none()
}

/// Looks for planted bugs; whether all were found.
async fn find(bugs: &[&Planted], seed: u64, rate: u64) -> bool {
    let mut found = 0;
    for bug in bugs {
        let outcome = bug.trial(seed, rate).run().await;
        let told = match outcome.violations.first() {
            Some(first) => {
                found += 1;
                let all = outcome.violations.len();
                format!(
                    "found: {all} violations, such as {}: {}",
                    first.rule, first.what
                )
            }
            None => "NOT FOUND".to_owned(),
        };
        println!("{:<20} {}\n{:<20} {told}", bug.name, bug.what, "");
    }
    println!("{found} of {} planted bugs found", bugs.len());
    found == bugs.len()
}
