//! How long a list of runs takes out of a million: milliseconds, on SQLite and on PostgreSQL.
//!
//! `cargo run --release -p bench --bin run-list` fills a database of each kind and asks it. `RUN_LIST_ROWS` sets the
//! number of runs, `RUN_LIST_POSTGRES` the URL of an empty database (without it a server of its own is started from
//! `EARSHOT_TEST_POSTGRES_BIN`, as tests do), `RUN_LIST_ONLY` is `sqlite` or `postgres`.
#![allow(clippy::print_stdout, reason = "a benchmark prints its product")]
#![allow(clippy::expect_used, reason = "a benchmark fails loudly")]

use std::time::Instant;

use registry_svc::store::{NewRun, PostgresStore, RunFilter, SqliteStore, Store};
use shared::ids::{EndpointId, RequestId, RunId, WorkflowId};
use shared::v1::run::RunMode;
use shared::v1::run_log::{RunState, RunSummary};
use testkit::Scratch;
use testkit::postgres::Server;
use uuid::Uuid;

/// Runs of one batch, as registry-svc stores them.
const BATCH: u64 = 256;

/// How often each list is asked for.
const ROUNDS: usize = 200;

/// When the first run began, and the time between two.
const FIRST_MS: i64 = 1_764_000_000_000;
const APART_MS: i64 = 300;

/// A list that is asked for, by its name.
type Question = (&'static str, RunFilter);

#[tokio::main]
async fn main() {
    let setting = |name: &str| std::env::var(name).ok();
    let rows: u64 = setting("RUN_LIST_ROWS").map_or(1_000_000, |rows| {
        rows.parse().expect("RUN_LIST_ROWS is a number")
    });
    let only = setting("RUN_LIST_ONLY");
    let wanted = |kind: &str| only.as_deref().is_none_or(|only| only == kind);
    println!("| newest 50 of {rows} runs | database | p50 ms | p99 ms |");
    println!("| --- | --- | --- | --- |");
    if wanted("sqlite") {
        let scratch = Scratch::new("run-list");
        let store = SqliteStore::open(&scratch.path().join("registry.db")).await;
        measure("SQLite", &store.expect("it opens"), rows).await;
    }
    if wanted("postgres") {
        let given = setting("RUN_LIST_POSTGRES");
        let server = given.is_none().then(Server::start);
        let url = given.or_else(|| server.as_ref().map(Server::create_database));
        let options = url.expect("there is a URL").parse();
        let store = PostgresStore::open(options.expect("it is a URL")).await;
        measure("PostgreSQL", &store.expect("it opens"), rows).await;
    }
}

async fn measure<S: Store>(database: &str, store: &S, rows: u64) {
    let started = Instant::now();
    for first in (0..rows).step_by(usize::try_from(BATCH).unwrap_or(1)) {
        let batch: Vec<NewRun> = (first..(first + BATCH).min(rows)).map(run).collect();
        store.put_runs(&batch).await.expect("it is stored");
    }
    let each = started.elapsed().as_secs_f64() * 1e6 / rows as f64;
    for (name, filter) in questions(rows) {
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let started = Instant::now();
            store.runs(&filter).await.expect("it is read");
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times.get(ROUNDS * share / 100).copied().unwrap_or_default();
        println!("| {name} | {database} | {:.2} | {:.2} |", at(50), at(99));
    }
    println!("| (storing one run, in batches of {BATCH}: {each:.0} µs) | {database} | | |");
}

fn questions(rows: u64) -> Vec<Question> {
    let all = || RunFilter {
        limit: 51,
        ..RunFilter::default()
    };
    let middle = FIRST_MS + APART_MS * i64::try_from(rows / 2).unwrap_or(i64::MAX);
    let text = |word: &str| RunFilter {
        words: vec![word.to_owned()],
        ..all()
    };
    let workflow = |number: u128| RunFilter {
        workflow: Some(WorkflowId(Uuid::from_u128(number))),
        ..all()
    };
    vec![
        ("all", all()),
        (
            "a page in the middle",
            RunFilter {
                after: Some((middle, RunId(Uuid::nil()))),
                ..all()
            },
        ),
        ("one workflow of 20", workflow(3)),
        ("a workflow with 100 runs", workflow(99)),
        (
            "one endpoint of 20",
            RunFilter {
                endpoint: Some(EndpointId(Uuid::from_u128(3))),
                ..all()
            },
        ),
        (
            "failed (1 of 50)",
            RunFilter {
                state: Some(RunState::Failed),
                ..all()
            },
        ),
        (
            "cancelled (100 in all)",
            RunFilter {
                state: Some(RunState::Cancelled),
                ..all()
            },
        ),
        (
            "failed, of one workflow",
            RunFilter {
                state: Some(RunState::Failed),
                ..workflow(3)
            },
        ),
        (
            "from and to in the middle",
            RunFilter {
                from_ms: Some(middle),
                to_ms: Some(middle + 1_000_000),
                ..all()
            },
        ),
        ("a word of every run", text("order")),
        ("a word of 1 in 50", text("refused")),
        ("a word of 1 in 1,000", text("mille")),
        ("a word of one run", text("needle")),
        ("a word of no run", text("nowhere")),
    ]
}

/// The run of this number.
fn run(number: u64) -> NewRun {
    let started_at_ms = FIRST_MS + APART_MS * i64::try_from(number).unwrap_or(i64::MAX);
    let rare = number.is_multiple_of(10_000);
    let failed = number % 50 == 7;
    let state = match (rare, failed) {
        (true, _) => RunState::Cancelled,
        (_, true) => RunState::Failed,
        _ => RunState::Succeeded,
    };
    let owner = if number % 10_000 == 1 {
        99
    } else {
        u128::from(number % 20)
    };
    let error = failed.then(|| "step fetch: connection refused".to_owned());
    let words = [
        format!(
            "{number:032x} order customer city total lines accepted fetch o{number} c{}",
            number % 5_000
        ),
        if failed {
            "connection refused".to_owned()
        } else {
            String::new()
        },
        if number % 1_000 == 3 {
            "mille".to_owned()
        } else {
            String::new()
        },
        if number == 12_345 {
            "needle".to_owned()
        } else {
            String::new()
        },
    ];
    NewRun {
        summary: RunSummary {
            run_id: RunId(Uuid::from_u128((u128::from(number) << 64) + 7)),
            workflow_id: WorkflowId(Uuid::from_u128(owner)),
            workflow: None,
            endpoint_id: EndpointId(Uuid::from_u128(owner)),
            version: 1,
            mode: RunMode::Sync,
            state,
            trace_id: format!("{number:032x}"),
            request_id: RequestId(Uuid::from_u128(u128::from(number))),
            attempt: 0,
            received_at_ms: started_at_ms,
            started_at_ms,
            ended_at_ms: Some(started_at_ms + 3),
            method: "POST".to_owned(),
            status: Some(200),
            steps: 3,
            error,
            replay_of: None,
            trigger: None,
        },
        words: words
            .join(" ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        record: vec![7; 1_000],
    }
}
