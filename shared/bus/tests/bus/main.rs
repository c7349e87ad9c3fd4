//! The bus over a real nats-server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails loudly.

mod register;
mod runs;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bus::inbox::Delivery;
use bus::kv::{Bucket, Change};
use bus::queue::Jobs;
use bus::router::Router;
use bus::serve::{Intake, Permits};
use bus::topology::{self, Storage};
use bus::variables::Variables;
use bus::{Auth, Bus, CallError, ConnectError, Settings, StoreError};
use bytes::Bytes;
use shared::codes::Code;
use shared::frame;
use shared::ids::{RequestId, RunId, SettingId};
use shared::rpc::Context;
use shared::subjects;
use shared::trace::TraceContext;
use shared::v1::auth::{CheckToken, ListTokens, MintToken, Role};
use shared::v1::reply::Failure;
use shared::v1::settings::VariableView;
use testkit::nats::Server;
use tokio::sync::Notify;
use uuid::Uuid;

pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

fn context() -> Context {
    let trace = TraceContext {
        trace_id: 1,
        span_id: 1,
        sampled: false,
    };
    Context {
        trace,
        request_id: RequestId(Uuid::now_v7()),
        deadline_ms: 0,
    }
}

pub(crate) async fn connect(server: &Server, service: &'static str) -> Bus {
    let settings = Settings {
        url: server.url(),
        service,
        auth: Auth::None,
        connect_timeout: Duration::from_secs(5),
    };
    Bus::connect(&settings).await.unwrap()
}

fn intake(permits: usize) -> Intake {
    let permits = Permits::new(permits);
    let (subject, group) = (subjects::AUTH.to_owned(), Some(subjects::AUTH_GROUP));
    Intake {
        subject,
        group,
        permits,
    }
}

#[tokio::test]
async fn a_request_is_answered_by_the_handler_of_its_subject() {
    let server = Server::start();
    let (service, caller) = (connect(&server, "a").await, connect(&server, "b").await);
    let router = Router::new(service.clone(), now)
        .on(|_, question: CheckToken| async move {
            assert_eq!(question.token, "ear_x");
            Ok(None)
        })
        .on(|_, _: ListTokens| async { Err(Failure::new(Code::Forbidden, "not you")) });
    let _serving = service.serve(intake(8), router).await.unwrap();
    let question = CheckToken {
        token: "ear_x".to_owned(),
    };
    assert_eq!(
        caller
            .call(context(), question, PATIENCE, now())
            .await
            .unwrap(),
        None
    );
    match caller.call(context(), ListTokens {}, PATIENCE, now()).await {
        Err(CallError::Failed(failure)) => assert_eq!(failure.code, Code::Forbidden),
        other => panic!("{other:?}"),
    }
    assert_eq!(caller.inbox().open_slots(), 0);
}

#[tokio::test]
async fn a_request_that_nobody_serves_fails_at_once_and_leaves_nothing_behind() {
    let server = Server::start();
    let caller = connect(&server, "b").await;
    let answer = caller.call(context(), ListTokens {}, PATIENCE, now()).await;
    assert!(matches!(answer, Err(CallError::NoResponder)), "{answer:?}");
    assert_eq!(caller.inbox().open_slots(), 0);
}

#[tokio::test]
async fn what_finds_no_permit_is_shed_and_told_so() {
    let server = Server::start();
    let (service, caller) = (connect(&server, "a").await, connect(&server, "b").await);
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (enters, released) = (entered.clone(), release.clone());
    let router = Router::new(service.clone(), now).on(move |_, _: ListTokens| {
        let (enters, released) = (enters.clone(), released.clone());
        async move {
            enters.notify_one();
            released.notified().await;
            Ok(Vec::new())
        }
    });
    let one = intake(1);
    let permits = one.permits.clone();
    let _serving = service.serve(one, router).await.unwrap();
    let first = tokio::spawn({
        let caller = caller.clone();
        async move { caller.call(context(), ListTokens {}, PATIENCE, now()).await }
    });
    entered.notified().await;
    assert_eq!(permits.in_flight(), 1);
    match caller.call(context(), ListTokens {}, PATIENCE, now()).await {
        Err(CallError::Failed(failure)) => assert_eq!(failure.code, Code::Overloaded),
        other => panic!("{other:?}"),
    }
    release.notify_one();
    assert_eq!(first.await.unwrap().unwrap(), Vec::new());
}

#[tokio::test]
async fn a_drain_waits_for_what_was_taken_and_answers_it() {
    let server = Server::start();
    let (service, caller) = (connect(&server, "a").await, connect(&server, "b").await);
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (enters, released) = (entered.clone(), release.clone());
    let router = Router::new(service.clone(), now).on(move |_, _: ListTokens| {
        let (enters, released) = (enters.clone(), released.clone());
        async move {
            enters.notify_one();
            released.notified().await;
            Ok(Vec::new())
        }
    });
    let serving = service.serve(intake(8), router).await.unwrap();
    let asked = tokio::spawn({
        let caller = caller.clone();
        async move { caller.call(context(), ListTokens {}, PATIENCE, now()).await }
    });
    entered.notified().await;
    let drained = tokio::spawn(serving.drain(PATIENCE));
    release.notify_one();
    assert!(drained.await.unwrap());
    assert!(asked.await.unwrap().is_ok());
    let (name, role, expires_at_ms) = ("x".to_owned(), Role::Viewer, None);
    let late = caller.call(
        context(),
        MintToken {
            name,
            role,
            expires_at_ms,
        },
        PATIENCE,
        now(),
    );
    assert!(matches!(late.await, Err(CallError::NoResponder)));
}

#[tokio::test]
async fn a_request_that_comes_after_its_deadline_reaches_no_handler() {
    let server = Server::start();
    let (service, caller) = (connect(&server, "a").await, connect(&server, "b").await);
    let router = Router::new(service.clone(), now)
        .on(|_, _: ListTokens| async { panic!("the handler was called") });
    let _serving = service.serve(intake(8), router).await.unwrap();
    let long_ago = now() - 60_000;
    match caller
        .call(context(), ListTokens {}, PATIENCE, long_ago)
        .await
    {
        Err(CallError::Failed(failure)) => assert_eq!(failure.code, Code::Overloaded),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn calls_fail_fast_while_nats_is_away_and_work_again_when_it_is_back() {
    let server = Server::start();
    let caller = connect(&server, "b").await;
    server.kill();
    testkit::until(PATIENCE * 5, "the connection to be down", async || {
        caller.connected().is_err().then_some(())
    })
    .await;
    let started = std::time::Instant::now();
    let answer = caller.call(context(), ListTokens {}, PATIENCE, now()).await;
    assert!(
        matches!(answer, Err(CallError::NotConnected(_))),
        "{answer:?}"
    );
    assert!(started.elapsed() < PATIENCE);
    server.restart();
    testkit::until(PATIENCE * 5, "the connection to be back", async || {
        caller.round_trip().await.ok()
    })
    .await;
}

#[tokio::test]
async fn a_server_that_cannot_carry_the_largest_message_is_refused() {
    let server = Server::with_config("max_payload: 1MB\n");
    let settings = Settings {
        url: server.url(),
        service: "a",
        auth: Auth::None,
        connect_timeout: Duration::from_secs(5),
    };
    let refused = Bus::connect(&settings).await;
    assert!(matches!(
        refused,
        Err(ConnectError::SmallPayload { found: 1_048_576 })
    ));
}

#[tokio::test]
async fn a_stored_job_is_handed_out_until_it_is_done_and_the_same_id_is_stored_once() {
    let server = Server::start();
    let bus = connect(&server, "registry-svc").await;
    topology::create(&bus, Storage::default()).await.unwrap();
    topology::create(&bus, Storage::default()).await.unwrap();
    topology::wait(&bus, PATIENCE).await.unwrap();
    let run = RunId(Uuid::now_v7()).to_string();
    let lane = subjects::run_async(subjects::DEFAULT_LANE);
    for _ in 0..2 {
        bus.store(lane.clone(), &run, Bytes::from_static(b"job"), PATIENCE)
            .await
            .unwrap();
    }
    let mut jobs = Jobs::open(&bus).await.unwrap();
    assert_eq!(jobs.patience(), Storage::default().ack_wait);
    let mut batch = jobs.ask(4).await.unwrap();
    let job = batch.next().await.unwrap().unwrap();
    assert_eq!(
        (job.payload().as_ref(), job.earlier_deliveries()),
        (b"job".as_slice(), 0)
    );
    job.release(None).await;
    let job = batch.next().await.unwrap().unwrap();
    assert_eq!(job.earlier_deliveries(), 1);
    assert!(job.done().await);
    let again = batch.next().await.unwrap();
    assert!(again.is_none(), "the job came twice");
}

#[tokio::test]
async fn a_question_for_jobs_ends_when_the_connection_is_made_anew() {
    let server = Server::start();
    let bus = connect(&server, "registry-svc").await;
    topology::create(&bus, Storage::default()).await.unwrap();
    let mut jobs = Jobs::open(&bus).await.unwrap();
    let mut batch = jobs.ask(1).await.unwrap();
    server.restart();
    assert!(batch.next().await.unwrap().is_none());
    let lane = subjects::run_async(subjects::DEFAULT_LANE);
    testkit::until(PATIENCE * 5, "the queue to take a job", async || {
        bus.store(lane.clone(), "run", Bytes::new(), PATIENCE)
            .await
            .ok()
    })
    .await;
    let job = tokio::time::timeout(PATIENCE * 5, async {
        loop {
            // A question is lost with the connection, and there is the next one.
            if let Ok(mut batch) = jobs.ask(1).await
                && let Ok(Some(job)) = batch.next().await
            {
                return job;
            }
        }
    });
    let job = job.await.expect("the job comes");
    assert!(job.done().await);
}

#[tokio::test]
async fn who_waits_for_an_answer_is_told_when_the_connection_is_lost() {
    let server = Server::start();
    let bus = connect(&server, "gateway").await;
    let mut slot = bus.inbox().slot(1);
    server.kill();
    let told = tokio::time::timeout(PATIENCE, slot.next()).await;
    assert!(matches!(told, Ok(Some(Delivery::Disconnected))), "{told:?}");
    assert_eq!(bus.inbox().open_slots(), 0);
}

#[tokio::test]
async fn a_call_that_is_under_way_fails_at_once_when_the_connection_is_lost() {
    let server = Server::start();
    let (service, caller) = (connect(&server, "a").await, connect(&server, "b").await);
    let asked = Arc::new(Notify::new());
    let router = Router::new(service.clone(), now).on({
        let asked = asked.clone();
        move |_, _: ListTokens| {
            let asked = asked.clone();
            async move {
                asked.notify_one();
                std::future::pending().await
            }
        }
    });
    let _serving = service.serve(intake(8), router).await.unwrap();
    let calling = caller.call(context(), ListTokens {}, Duration::from_secs(60), now());
    let killing = async {
        asked.notified().await;
        server.kill();
    };
    let (outcome, ()) = tokio::join!(calling, killing);
    assert!(
        matches!(outcome, Err(CallError::NotConnected(_))),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_subject_that_no_stream_takes_is_not_stored() {
    let server = Server::start();
    let bus = connect(&server, "gateway").await;
    let lane = subjects::run_async(subjects::DEFAULT_LANE);
    let stored = bus.store(lane, "id", Bytes::new(), PATIENCE).await;
    assert!(matches!(stored, Err(StoreError::NoStream)), "{stored:?}");
}

#[tokio::test]
async fn a_bucket_is_told_whole_and_then_change_by_change_also_across_a_restart_of_nats() {
    let server = Server::start();
    let bus = connect(&server, "registry-svc").await;
    topology::create(&bus, Storage::default()).await.unwrap();
    let bucket = Bucket::open(&bus, subjects::ROUTES_BUCKET).await.unwrap();
    let mut empty = bucket.follow();
    assert!(matches!(empty.next().await, Change::Reset));
    assert!(matches!(empty.next().await, Change::Loaded));
    bucket.put("a", Bytes::from_static(b"1")).await.unwrap();
    assert!(bucket.put_first("b", "2".into()).await.unwrap());
    assert!(!bucket.put_first("b", "3".into()).await.unwrap());
    bucket.delete("a").await.unwrap();
    let mut follower = bucket.follow();
    assert!(matches!(follower.next().await, Change::Reset));
    let mut keys = Vec::new();
    loop {
        match follower.next().await {
            Change::Put { key, .. } => keys.push(key),
            Change::Deleted { .. } => {}
            Change::Loaded => break,
            Change::Reset => panic!("it started over"),
        }
    }
    assert_eq!(keys, ["b"]);
    server.kill();
    server.restart();
    testkit::until(PATIENCE * 5, "the bucket to take a key", async || {
        bucket.put("c", Bytes::from_static(b"3")).await.ok()
    })
    .await;
    let found = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            if matches!(follower.next().await, Change::Put { key, .. } if key == "c") {
                return;
            }
        }
    });
    found.await.expect("the change after the restart is told");
}

#[tokio::test]
async fn a_snapshot_of_variables_follows_its_bucket_also_where_one_is_made_anew() {
    let server = Server::start();
    let bus = connect(&server, "runner").await;
    topology::create(&bus, Storage::default()).await.unwrap();
    let bucket = Bucket::open(&bus, subjects::VARIABLES_BUCKET)
        .await
        .unwrap();
    let put = async |id: u128, revision: u64, value: &str| {
        let view = VariableView {
            id: SettingId(Uuid::from_u128(id)),
            name: "A".to_owned(),
            revision,
            value: value.to_owned(),
        };
        let key = subjects::setting_key(view.id);
        bucket.put(&key, frame::pack(&view).unwrap()).await.unwrap()
    };
    let first = put(1, 1, "first").await;
    let (variables, following) = Variables::load(&bus).await.unwrap();
    let value = || variables.now().get("A").cloned();
    assert_eq!(
        (value().as_deref(), variables.revision()),
        (Some("first"), first)
    );
    tokio::spawn(following.run());
    let mut revisions = variables.revisions();
    let mut until = async |revision: u64| {
        let reached = revisions.wait_for(|seen| *seen >= revision);
        drop(
            tokio::time::timeout(PATIENCE * 5, reached)
                .await
                .unwrap()
                .unwrap(),
        );
    };
    until(put(1, 2, "second").await).await;
    assert_eq!(value().as_deref(), Some("second"));
    // Made anew under its name; the bucket tells of the deletion later.
    until(put(2, 4, "third").await).await;
    assert_eq!(value().as_deref(), Some("third"));
    let old = subjects::setting_key(SettingId(Uuid::from_u128(1)));
    until(bucket.delete(&old).await.unwrap()).await;
    assert_eq!(value().as_deref(), Some("third"));
    until(
        bucket
            .put("odd", Bytes::from_static(b"\xc1"))
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(value().as_deref(), Some("third"), "the others stay");
    let new = subjects::setting_key(SettingId(Uuid::from_u128(2)));
    until(bucket.delete(&new).await.unwrap()).await;
    assert_eq!(value(), None);
}
