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
mod draw;
mod faults;
mod kinds;
mod left;
mod load;
mod measure;
mod options;
mod owners;
mod recorder;
mod report;
mod schedule;
mod stream;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};

use clap::Parser;
use testkit::stack::{Kind as Service, Stack};
use tokio::time::{Instant, sleep};

use book::Book;
use checker::{BACK, LEFT, Violation};
use faults::{Diary, Harmer};
use kinds::Kind;
use load::{GATEWAYS, Load};
use options::Options;
use owners::Owners;
use report::Report;

/// How long after the last fault everything has to be done.
const SETTLED: Duration = Duration::from_secs(60);

/// How long the load goes on after the last fault.
const AFTER: Duration = Duration::from_secs(3);

/// Which planted bug a service has that was built with any.
const PLANTED: &str = "EARSHOT_PLANTED_BUG";

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Starting and ending processes blocks some of them.
        .worker_threads(8)
        .enable_all()
        .build()
        .expect("a runtime can be made");
    runtime.block_on(run(options))
}

async fn run(mut options: Options) -> ExitCode {
    let seed = options.seed();
    let stack = Arc::new(start(&options).await);
    let (book, diary) = (Arc::new(Book::default()), Arc::new(Diary::default()));
    let owners = Arc::new(Owners::default());
    for runner in 0..options.runners {
        owners.add(stack.runner(runner).pid());
    }
    let url = recorder::start(book.clone(), owners.clone()).await;
    let paths = publish(&stack, &url).await;
    let load = Arc::new(Load::new(book.clone(), &stack, paths));
    let faults = schedule::draw(seed, options.duration(), options.runners, GATEWAYS);
    let (minutes, rate) = (options.minutes, options.rate);
    eprintln!(
        "chaos: --minutes {minutes} --rate {rate} --seed {seed}: {} faults",
        faults.len()
    );
    let began = Instant::now();
    let callers = tokio::spawn(load.clone().run(seed, rate));
    let harmer = Harmer {
        stack: stack.clone(),
        diary: diary.clone(),
        owners,
    };
    let broken = Arc::new(harmer).run(faults).await.err();
    // The load lasts as long as it was told to, also where the last fault was over before.
    tokio::time::sleep_until(began + options.duration()).await;
    let last = Instant::now();
    sleep(AFTER).await;
    load.stop();
    let settled = settle(&stack, &book, last, broken.is_some()).await;
    load.give_up();
    let _ = tokio::time::timeout(SETTLED, callers).await;
    let windows = diary.windows();
    let pages = book.open();
    let firsts = measure::firsts(&pages, &windows, options.first_success(), last + AFTER);
    let mut violations = checker::check(&pages, &windows, began);
    violations.extend(measure::late(&firsts, options.first_success()));
    violations.extend(broken.map(|what| Violation { rule: BACK, what }));
    if let Err(left) = &settled {
        violations.extend(left.iter().map(|what| Violation {
            rule: LEFT,
            what: what.clone(),
        }));
    }
    let report = Report {
        seed,
        rate,
        took: began.elapsed(),
        planted: options.planted,
        settled: settled.ok(),
        firsts,
        violations,
    };
    if options.json {
        println!("{:#}", report.json(&pages, &windows));
    } else {
        println!("{}", report.table(&pages, &windows));
    }
    if report.violations.is_empty() {
        return ExitCode::SUCCESS;
    }
    let kept = keep(&stack, seed);
    let json = format!("{:#}\n", report.json(&pages, &windows));
    let _ = fs::write(kept.join("report.json"), json);
    eprintln!(
        "chaos: violated with --seed {seed}; the logs are in {}",
        kept.display()
    );
    ExitCode::FAILURE
}

async fn start(options: &Options) -> Stack {
    let mut builder = Stack::builder()
        .runners(options.runners)
        .gateways(GATEWAYS)
        .linked()
        .env(
            Service::Runner,
            "EARSHOT_RUNNER__ALLOWED_NETWORKS",
            "127.0.0.0/8",
        );
    for kind in [
        Service::Gateway,
        Service::Auth,
        Service::Runner,
        Service::Registry,
    ] {
        if let Some(planted) = &options.planted {
            builder = builder.env(kind, PLANTED, planted);
        }
    }
    builder.start().await
}

/// Publishes the workflows; the paths of their endpoints.
async fn publish(stack: &Stack, url: &str) -> HashMap<Kind, String> {
    let mut paths = HashMap::new();
    for (kind, document) in kinds::documents(url) {
        let workflow = stack.control().publish_new(&document).await;
        if let Some(kind) = kind {
            paths.insert(kind, workflow.path());
        }
    }
    paths
}

/// Waits until everything is done; how long after the last fault that was.
///
/// # Errors
/// What is left when the time is over.
async fn settle(
    stack: &Stack,
    book: &Book,
    last: Instant,
    broken: bool,
) -> Result<Duration, Vec<String>> {
    let end = last + SETTLED;
    loop {
        let left = left::jobs(stack).await;
        let open = checker::open(&book.open());
        if open == 0 && left.is_empty() {
            return Ok(last.elapsed());
        }
        if broken || Instant::now() >= end {
            return Err(left);
        }
        sleep(Duration::from_millis(500)).await;
    }
}

/// Keeps the logs of a platform, whose own folder goes away with it; where.
fn keep(stack: &Stack, seed: u64) -> PathBuf {
    let target = env::current_exe().expect("this program has a path");
    let target = target
        .ancestors()
        .nth(2)
        .expect("it lies in a target folder");
    let folder = target.join(format!("chaos/{seed}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the target folder can be written");
    for from in [stack.folder(), stack.nats().folder()] {
        for file in fs::read_dir(from).into_iter().flatten().flatten() {
            let name = file.file_name();
            let told = name.to_string_lossy();
            if told.ends_with(".log") || told == "log" {
                let _ = fs::copy(file.path(), folder.join(told.replace("log", "log.txt")));
            }
        }
    }
    folder
}
