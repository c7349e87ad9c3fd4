//! A database that a newer release has written.

use std::fs::File;
use std::process::{Command, Stdio};

use testkit::{Child, Scratch, nats, postgres};

/// Starts registry-svc on a database; it ends by itself, or at SIGTERM once its schema is there.
fn start(
    nats: &str,
    database: &str,
    until_there: Option<&dyn Fn() -> bool>,
) -> (Option<i32>, String) {
    let scratch = Scratch::new("schema");
    let file = scratch.path().join("log");
    let mut command = testkit::program("registry-svc");
    command
        .env("EARSHOT_NATS__URL", nats)
        .env("EARSHOT_REGISTRY__DATABASE_URL", database)
        .stdout(Stdio::null())
        .stderr(File::create(&file).unwrap());
    let child = Child::start("registry-svc", command);
    if let Some(there) = until_there {
        let patience = std::time::Duration::from_secs(60);
        testkit::until_blocking(patience, "the schema to be there", || {
            assert!(child.ended().is_none(), "it ended");
            there().then_some(())
        });
        child.terminate();
    }
    let status = child.wait_blocking();
    (status.code(), std::fs::read_to_string(file).unwrap())
}

/// Runs a statement, and returns what it prints.
fn psql(database: &str, statement: &str) -> String {
    let mut command = Command::new("psql");
    let output = command
        .args([database, "-Atqc", statement])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_newer_schema_is_a_69_that_says_so_and_nothing_is_changed() {
    let server = nats::Server::start();
    let database = postgres::Server::shared().create_database();
    let versions = "SELECT version FROM _sqlx_migrations ORDER BY version";
    let there = || psql(&database, versions).starts_with('1');
    let (code, log) = start(&server.url(), &database, Some(&there));
    assert_eq!(code, Some(0), "{log}");
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (9001, 'of the future', true, ''::bytea, 0)";
    psql(&database, newer);
    let before = psql(&database, versions);
    assert!(before.contains("9001"), "{before}");
    let (code, log) = start(&server.url(), &database, None);
    assert_eq!(code, Some(69), "{log}");
    assert!(log.contains("9001") && log.contains("a newer one"), "{log}");
    assert_eq!(psql(&database, versions), before);
}
