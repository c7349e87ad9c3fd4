//! One platform under load and harm, from its start to what the checker says.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};

use serde_json::Value;
use testkit::stack::{Kind as Service, Stack};
use tokio::time::{Instant, sleep_until, timeout};

use crate::book::Book;
use crate::checker::{self, BACK, LEFT, Violation};
use crate::clock::pass;
use crate::documents;
use crate::faults::{Diary, Harmer};
use crate::kinds::Kind;
use crate::load::{GATEWAYS, Load};
use crate::owners::Owners;
use crate::report::Report;
use crate::schedule::Fault;
use crate::{left, measure, recorder, run_log};

/// How long the load goes on after the last fault.
const AFTER: Duration = Duration::from_secs(3);

/// How long nothing may be in any queue before what is not done by then is taken for lost.
const QUIET: Duration = Duration::from_secs(10);

/// Which planted bug a service has that was built with any.
const PLANTED: &str = "EARSHOT_PLANTED_BUG";

/// What is tried.
pub(crate) struct Trial {
    pub(crate) seed: u64,
    pub(crate) rate: u64,
    /// For how long faults happen.
    pub(crate) duration: Duration,
    pub(crate) runners: usize,
    pub(crate) faults: Vec<Fault>,
    /// The kinds of requests, each with how often it comes.
    pub(crate) weights: Vec<(Kind, u64)>,
    /// How long after the last fault everything has to be done.
    pub(crate) settled: Duration,
    /// How long after a restart the first request may succeed.
    pub(crate) first_success: Duration,
    pub(crate) planted: Option<String>,
}

/// What came of it.
pub(crate) struct Outcome {
    pub(crate) violations: Vec<Violation>,
    pub(crate) table: String,
    pub(crate) json: Value,
    /// Where the logs are, if anything was violated.
    pub(crate) kept: Option<PathBuf>,
}

impl Trial {
    /// Carries it out.
    pub(crate) async fn run(self) -> Outcome {
        let stack = Arc::new(self.start().await);
        let (book, diary) = (Arc::new(Book::default()), Arc::new(Diary::default()));
        let owners = Arc::new(Owners::default());
        for runner in 0..self.runners {
            owners.add(stack.runner(runner).pid());
        }
        let url = recorder::start(book.clone(), owners.clone()).await;
        let paths = publish(&stack, &url).await;
        let load = Arc::new(Load::new(book.clone(), &stack, paths));
        let began = Instant::now();
        let callers = tokio::spawn(load.clone().run(self.seed, self.rate, self.weights.clone()));
        let harmer = Arc::new(Harmer {
            stack: stack.clone(),
            diary: diary.clone(),
            owners,
        });
        let broken = harmer.run(self.faults.clone()).await.err();
        // The load lasts as long as it was told to, also where the last fault was over before.
        sleep_until(began + self.duration).await;
        let last = Instant::now();
        pass(AFTER).await;
        load.stop();
        let settled = if broken.is_none() {
            settle(&stack, &book, last, self.settled).await
        } else {
            Err(left::jobs(&stack).await)
        };
        load.give_up();
        let _ = timeout(self.settled, callers).await;
        let log = run_log::read(&stack).await;
        let (pages, windows) = (book.open(), diary.windows());
        let firsts = measure::firsts(&pages, &windows, self.first_success, last + AFTER);
        let mut violations = checker::check(&pages, &windows, began);
        violations.extend(measure::late(&firsts, self.first_success));
        violations.extend(log.violations);
        violations.extend(broken.map(|what| Violation { rule: BACK, what }));
        let left = settled.as_ref().err().into_iter().flatten();
        violations.extend(left.map(|what| Violation {
            rule: LEFT,
            what: what.clone(),
        }));
        let report = Report {
            seed: self.seed,
            rate: self.rate,
            took: began.elapsed(),
            planted: self.planted,
            settled: settled.ok(),
            firsts,
            log: log.states,
            behind: log.behind,
            violations,
        };
        let json = report.json(&pages, &windows);
        let kept = (!report.violations.is_empty()).then(|| keep(&stack, self.seed, &json));
        Outcome {
            table: report.table(&pages, &windows),
            violations: report.violations,
            json,
            kept,
        }
    }

    async fn start(&self) -> Stack {
        let networks = "EARSHOT_RUNNER__ALLOWED_NETWORKS";
        let mut builder = Stack::builder()
            .runners(self.runners)
            .gateways(GATEWAYS)
            .linked()
            .env(Service::Runner, networks, "127.0.0.0/8");
        for kind in [
            Service::Gateway,
            Service::Auth,
            Service::Runner,
            Service::Registry,
        ] {
            if let Some(planted) = &self.planted {
                builder = builder.env(kind, PLANTED, planted);
            }
        }
        builder.start().await
    }
}

/// Publishes the workflows; the paths of their endpoints.
async fn publish(stack: &Stack, url: &str) -> HashMap<Kind, String> {
    let mut paths = HashMap::new();
    for (kind, document) in documents::documents(url) {
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
/// What is left when the time is over, or nothing can come any more.
async fn settle(
    stack: &Stack,
    book: &Book,
    last: Instant,
    patience: Duration,
) -> Result<Duration, Vec<String>> {
    let mut quiet = Instant::now();
    loop {
        let left = left::jobs(stack).await;
        let open = checker::open(&book.open());
        if open == 0 && left.is_empty() {
            return Ok(last.elapsed());
        }
        if !left.is_empty() {
            quiet = Instant::now();
        }
        if last.elapsed() >= patience || quiet.elapsed() >= QUIET {
            return Err(left);
        }
        pass(Duration::from_millis(500)).await;
    }
}

/// Keeps the logs of a platform, whose own folder goes away with it, and the report; where.
fn keep(stack: &Stack, seed: u64, report: &Value) -> PathBuf {
    let own = env::current_exe().expect("this program has a path");
    let target = own.ancestors().nth(2).expect("it lies in a target folder");
    let folder = target.join(format!("chaos/{seed}-{}", stack.nats().port()));
    fs::create_dir_all(&folder).expect("the target folder can be written");
    for from in [stack.folder(), stack.nats().folder()] {
        for file in fs::read_dir(from).into_iter().flatten().flatten() {
            let name = file.file_name();
            let told = name.to_string_lossy();
            if told == "log" {
                let _ = fs::copy(file.path(), folder.join("nats-server.log"));
            } else if told.ends_with(".log") {
                let _ = fs::copy(file.path(), folder.join(&name));
            }
        }
    }
    let _ = fs::write(folder.join("report.json"), format!("{report:#}\n"));
    folder
}
