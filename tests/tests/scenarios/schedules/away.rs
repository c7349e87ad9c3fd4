//! Schedules while parts of the platform die.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::postgres::Server;
use testkit::stack::{Database, Stack};
use testkit::until;

use super::platform::{PATIENCE, in_seconds, moments, publish, runs, scheduled, succeeded};

/// Longer than any part is away: of the moments that pass meanwhile only the last one comes.
const CYCLE: SignedDuration = SignedDuration::from_secs(20);

fn log() -> Value {
    json!([{"id": "log", "type": "log", "message": "x"}])
}

async fn passed(moment: Timestamp) {
    until(PATIENCE, "the moment to pass", async || {
        (Timestamp::now() > moment).then_some(())
    })
    .await;
}

/// Asserts that a cycle had a run for each of its moments, and one only.
fn assert_unbroken(name: &str, first: Timestamp, runs: &[Value]) {
    let moments = moments(runs);
    let expected: Vec<Timestamp> = std::iter::successors(Some(first), |last| Some(*last + CYCLE))
        .take(moments.len())
        .collect();
    assert_eq!(moments, expected, "{name}");
}

async fn no_moment_is_lost_or_doubled(stack: &Stack) {
    let control = stack.control();
    let first = in_seconds(6);
    let mut cycles = Vec::new();
    for n in 0..10 {
        // One comes due each second, whatever is dead at the time.
        let from = first + SignedDuration::from_secs(n);
        let schedule = json!({"every": "20 seconds", "from": from.to_string()});
        let name = format!("cycle-{n}");
        publish(&control, &scheduled(&name, &schedule, &log())).await;
        cycles.push((name, from));
    }
    for second in [1, 4] {
        passed(first + SignedDuration::from_secs(second)).await;
        stack.registry().kill();
        stack.registry().restart().await;
    }
    stack.nats().kill();
    passed(first + SignedDuration::from_secs(7)).await;
    stack.nats().restart();
    passed(first + SignedDuration::from_secs(12)).await;
    stack.registry().kill();
    stack.nats().kill();
    stack.runner(0).kill();
    stack.nats().restart();
    stack.registry().restart().await;
    stack.runner(0).restart().await;
    for (name, _) in &cycles {
        succeeded(&control, name, 2).await;
    }
    for (name, from) in &cycles {
        assert_unbroken(name, *from, &runs(&control, name).await);
    }
}

#[tokio::test]
async fn no_moment_is_lost_or_doubled_when_registry_svc_nats_server_and_the_runner_are_killed() {
    no_moment_is_lost_or_doubled(&Stack::start().await).await;
}

#[tokio::test]
async fn no_moment_is_lost_or_doubled_on_postgresql_either() {
    let database = tokio::task::spawn_blocking(|| Server::shared().create_database());
    let database = Database::Postgres(database.await.unwrap());
    no_moment_is_lost_or_doubled(&Stack::builder().database(database).start().await).await;
}

#[tokio::test]
async fn of_the_moments_that_passed_while_the_platform_was_away_the_last_one_comes_once() {
    let stack = Stack::start().await;
    let control = stack.control();
    let first = in_seconds(4);
    let cycle = json!({"every": "20 seconds", "from": first.to_string()});
    let once = json!({"every": "1 hour", "from": first.to_string()});
    publish(&control, &scheduled("cycle", &cycle, &log())).await;
    publish(&control, &scheduled("once", &once, &log())).await;
    stack.registry().kill();
    passed(first + CYCLE + SignedDuration::from_secs(1)).await;
    stack.registry().restart().await;
    let found = succeeded(&control, "cycle", 2).await;
    assert_unbroken("cycle", first + CYCLE, &found);
    let found = succeeded(&control, "once", 1).await;
    assert_eq!(moments(&found), [first]);
    // Once more, and nothing that was done comes again.
    stack.registry().kill();
    stack.registry().restart().await;
    let count = runs(&control, "cycle").await.len();
    let found = succeeded(&control, "cycle", count + 1).await;
    assert_unbroken("cycle", first + CYCLE, &found);
    assert_eq!(runs(&control, "once").await.len(), 1);
}

#[tokio::test]
async fn a_moment_that_comes_while_nats_is_away_has_its_run_when_nats_is_back() {
    let stack = Stack::start().await;
    let control = stack.control();
    let moment = in_seconds(3);
    let schedule = json!({"every": "1 hour", "from": moment.to_string()});
    publish(&control, &scheduled("later", &schedule, &log())).await;
    stack.nats().stop();
    passed(moment + SignedDuration::from_secs(2)).await;
    stack.nats().restart();
    let found = succeeded(&control, "later", 1).await;
    assert_eq!((found.len(), moments(&found)), (1, vec![moment]));
}
