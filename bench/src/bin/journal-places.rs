//! Where a journal could stand, and how long one entry takes there: JetStream, SQLite and PostgreSQL, each before and after
//! the entry is on the disk. Every place refuses an entry that does not follow on the last one, as a journal must.
//!
//! `cargo run --release -p bench --bin journal-places` prints the median, the 99th percentile and the entries per second,
//! with one writer and with 64, each of which writes journals of 10 entries of 1 KB. It needs nats-server and PostgreSQL as
//! the tests do (`NATS_SERVER`, `EARSHOT_TEST_POSTGRES_BIN`).
#![allow(clippy::print_stdout, reason = "a benchmark prints its product")]
#![allow(clippy::expect_used, reason = "a benchmark fails loudly")]

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bench::table::percentile;
use bus::topology::{self, Storage};
use bus::{Bus, journal};
use bytes::Bytes;
use shared::ids::RunId;
use shared::v1::reply::Outcome;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use testkit::{Scratch, nats, postgres};
use tokio::task::JoinSet;
use uuid::Uuid;

/// How many writers there are at once.
const WRITERS: [usize; 2] = [1, 64];

/// How long each case is measured.
const LASTS: Duration = Duration::from_secs(4);

/// Entries of one run.
const ENTRIES: u64 = 10;

const PATIENCE: Duration = Duration::from_secs(20);

const TABLE: &str = "CREATE TABLE journal (run TEXT NOT NULL, seq BIGINT NOT NULL, entry BYTEA NOT NULL, \
    PRIMARY KEY (run, seq))";
const INSERT: &str = "INSERT INTO journal (run, seq, entry) VALUES ($1, $2, $3)";

/// Where entries are written.
trait Place: Send + Sync + 'static {
    /// Writes the entry of this number behind `last`, which the write of the one before came to.
    fn write(
        &self,
        run: RunId,
        number: u64,
        last: u64,
        entry: Bytes,
    ) -> impl Future<Output = u64> + Send;
}

impl Place for Bus {
    async fn write(&self, run: RunId, number: u64, last: u64, entry: Bytes) -> u64 {
        let ended = (number + 1 == ENTRIES).then_some(Outcome::Succeeded);
        let written = journal::write(self, run, last, entry, ended, PATIENCE);
        written.await.expect("it is written")
    }
}

impl Place for SqlitePool {
    async fn write(&self, run: RunId, number: u64, _last: u64, entry: Bytes) -> u64 {
        let number = i64::try_from(number).expect("it is small");
        let insert = sqlx::query(INSERT).bind(run.to_string()).bind(number);
        let insert = insert.bind(entry.as_ref());
        insert.execute(self).await.expect("it is written");
        0
    }
}

impl Place for PgPool {
    async fn write(&self, run: RunId, number: u64, _last: u64, entry: Bytes) -> u64 {
        let number = i64::try_from(number).expect("it is small");
        let insert = sqlx::query(INSERT).bind(run.to_string()).bind(number);
        let insert = insert.bind(entry.as_ref());
        insert.execute(self).await.expect("it is written");
        0
    }
}

#[tokio::main]
async fn main() {
    println!("| journal in | on the disk when written | writers | p50 ms | p99 ms | entries/s |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for (disk, sync) in [("no", "2m"), ("yes", "always")] {
        let scratch = Scratch::new("jetstream");
        let store = scratch.path().display();
        let server = nats::Server::with_config(&format!(
            "jetstream {{ store_dir: \"{store}/data\", sync_interval: {sync} }}"
        ));
        measure("JetStream", disk, &Arc::new(jetstream(&server).await)).await;
    }
    for (disk, synchronous) in [
        ("no", SqliteSynchronous::Normal),
        ("yes", SqliteSynchronous::Full),
    ] {
        let scratch = Scratch::new("sqlite");
        let options = SqliteConnectOptions::new()
            .filename(scratch.path().join("journal.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous);
        // SQLite has one writer.
        let pool = SqlitePoolOptions::new().max_connections(1);
        let pool = pool.connect_with(options).await.expect("it opens");
        sqlx::query(TABLE).execute(&pool).await.expect("it is made");
        measure("SQLite", disk, &Arc::new(pool)).await;
    }
    for (disk, settings) in [("no", &["synchronous_commit=off"][..]), ("yes", &[])] {
        let server = postgres::Server::start_with(settings);
        let pool = PgPoolOptions::new().max_connections(32);
        let pool = pool.connect(&server.create_database()).await;
        let pool = pool.expect("it opens");
        sqlx::query(TABLE).execute(&pool).await.expect("it is made");
        measure("PostgreSQL", disk, &Arc::new(pool)).await;
    }
}

async fn jetstream(server: &nats::Server) -> Bus {
    let settings = bus::Settings {
        url: server.url(),
        service: "bench",
        auth: bus::Auth::None,
        connect_timeout: PATIENCE,
    };
    let bus = Bus::connect(&settings).await.expect("it connects");
    let storage = Storage {
        replicas: 1,
        runs_bytes: 1 << 30,
        ack_wait: PATIENCE,
        run_log_bytes: 1 << 20,
        run_log_age: PATIENCE,
    };
    let created = topology::create(&bus, storage).await;
    created.expect("the streams are made");
    bus
}

async fn measure<P: Place>(place: &str, disk: &str, port: &Arc<P>) {
    for writers in WRITERS {
        let mut at_work = JoinSet::new();
        for _ in 0..writers {
            let port = Arc::clone(port);
            at_work.spawn(async move { write(&*port).await });
        }
        let mut times = at_work.join_all().await.concat();
        let rate = times.len() as f64 / LASTS.as_secs_f64();
        let (middle, late) = (percentile(&mut times, 50), percentile(&mut times, 99));
        println!("| {place} | {disk} | {writers} | {middle:.2} | {late:.2} | {rate:.0} |");
    }
}

/// Writes one journal after the other; how long each entry took.
async fn write<P: Place>(place: &P) -> Vec<Duration> {
    let entry = Bytes::from(vec![b'x'; 1_000]);
    let (began, mut times) = (Instant::now(), Vec::new());
    while began.elapsed() < LASTS {
        let run = RunId(Uuid::now_v7());
        let mut last = 0;
        for number in 0..ENTRIES {
            let at = Instant::now();
            last = place.write(run, number, last, entry.clone()).await;
            times.push(at.elapsed());
        }
    }
    times
}
