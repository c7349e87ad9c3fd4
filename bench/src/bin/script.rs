//! What a script costs against the bare engine with an equivalent template, compiled once: nanoseconds.
//!
//! `cargo run --release -p bench --bin script` prints the medians of interleaved rounds and their ratio; allocations are
//! counted by `--bin script-allocations`.
#![allow(clippy::print_stdout, reason = "a benchmark prints its product")]

use std::hint::black_box;
use std::time::Instant;

use bench::Case;

/// Renders in one measurement.
const RENDERS: u32 = 20_000;

/// Interleaved measurements of each.
const ROUNDS: usize = 41;

fn main() {
    let case = Case::default();
    let (mut script, mut bare, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let times = (time(|| case.script()), time(|| case.bare()));
        script.push(times.0);
        bare.push(times.1);
        ratios.push(times.0 / times.1);
    }
    println!(
        "| JSON body of {} bytes | ns, median |",
        case.script().len()
    );
    println!("| --- | --- |");
    println!("| script | {:.0} |", median(script));
    println!("| bare minijinja | {:.0} |", median(bare));
    println!("| ratio | {:.2} |", median(ratios));
}

/// Nanoseconds for one call.
fn time(render: impl Fn() -> String) -> f64 {
    let started = Instant::now();
    for _ in 0..RENDERS {
        black_box(render());
    }
    started.elapsed().as_secs_f64() * 1e9 / f64::from(RENDERS)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
