//! What a script allocates against the bare engine with an equivalent template, compiled once.
//!
//! `cargo run --release -p bench --bin script-allocations` prints allocations of one render, and their ratio.
#![allow(clippy::print_stdout, reason = "a benchmark prints its product")]

use std::hint::black_box;

use bench::Case;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const RENDERS: u32 = 100;

fn main() {
    let case = Case::default();
    let (script, bare) = (count(|| case.script()), count(|| case.bare()));
    println!(
        "| JSON body of {} bytes | allocations |",
        case.script().len()
    );
    println!("| --- | --- |");
    println!("| script | {script:.1} |");
    println!("| bare minijinja | {bare:.1} |");
    println!("| ratio | {:.2} |", script / bare);
}

fn count(render: impl Fn() -> String) -> f64 {
    let _profiler = dhat::Profiler::builder().testing().build();
    let before = dhat::HeapStats::get().total_blocks;
    for _ in 0..RENDERS {
        black_box(render());
    }
    let made = dhat::HeapStats::get().total_blocks - before;
    u32::try_from(made).map_or(f64::INFINITY, f64::from) / f64::from(RENDERS)
}
