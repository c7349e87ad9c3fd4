//! Journals, and runs that wait.

use bus::StoreError;
use bus::journal;
use bus::letters::{Heard, Letters, key};
use bus::parking::Parking;
use bus::queue::{Jobs, waits_in_queue};
use bus::topology::{self, Storage};
use bytes::Bytes;
use shared::ids::RunId;
use shared::subjects;
use shared::v1::letters::{Letter, LetterKey};
use testkit::nats::Server;
use uuid::Uuid;

use crate::{PATIENCE, connect};

#[tokio::test]
async fn an_entry_of_a_journal_is_stored_only_behind_the_last_one_and_read_back_in_order() {
    let server = Server::start();
    let bus = connect(&server, "registry-svc").await;
    topology::create(&bus, Storage::default()).await.unwrap();
    let (run, other) = (RunId(Uuid::now_v7()), RunId(Uuid::now_v7()));
    let write = async |run: RunId, last: u64, text: &'static str| {
        let payload = Bytes::from_static(text.as_bytes());
        let subject = subjects::journal(run);
        bus.store_after(subject, last, payload, PATIENCE).await
    };
    let first = write(run, 0, "one").await.unwrap();
    let elsewhere = write(other, 0, "other").await.unwrap();
    let second = write(run, first, "two").await.unwrap();
    for last in [0, first, elsewhere] {
        let refused = write(run, last, "late").await;
        assert!(matches!(refused, Err(StoreError::Overtaken)), "{refused:?}");
    }
    let texts = async |run| -> Vec<(u64, Bytes)> {
        let stored = journal::read(&bus, run, PATIENCE).await.unwrap();
        let stored = stored.into_iter();
        stored
            .map(|entry| (entry.sequence, entry.payload))
            .collect()
    };
    let both = [(first, Bytes::from("one")), (second, Bytes::from("two"))];
    assert_eq!(texts(run).await, both);
    let last = async |run| -> Option<u64> {
        let last = journal::last(&bus, run, PATIENCE).await.unwrap();
        last.map(|entry| entry.sequence)
    };
    assert_eq!(last(run).await, Some(second));
    assert_eq!(last(other).await, Some(elsewhere));
    journal::clear(&bus, run).await.unwrap();
    assert_eq!(texts(run).await, []);
    assert_eq!(last(run).await, None);
    assert_eq!(texts(other).await.len(), 1);
}

#[tokio::test]
async fn a_parked_run_is_told_to_who_watches_and_let_go_on_once() {
    let server = Server::start();
    let bus = connect(&server, "registry-svc").await;
    topology::create(&bus, Storage::default()).await.unwrap();
    let (first, second) = (RunId(Uuid::now_v7()), RunId(Uuid::now_v7()));
    let park = async |run, due_ms, job: &'static str| {
        let job = Bytes::from_static(job.as_bytes());
        bus.park(run, due_ms, &[], job, PATIENCE).await.unwrap();
    };
    park(first, 20, "replaced").await;
    park(first, 30, "first").await;
    let mut parking = Parking::watch(&bus).await.unwrap();
    park(second, 10, "second").await;
    let mut told = Vec::new();
    for _ in 0..2 {
        told.push(parking.next().await.unwrap().unwrap().parked);
    }
    assert_eq!([told[0].due_ms, told[1].due_ms], [30, 10]);
    let gate = parking.gate();
    // As two instances would that watch.
    let (one, other) = tokio::join!(
        gate.release(told[0], PATIENCE),
        gate.release(told[0], PATIENCE)
    );
    assert!(one.unwrap() || other.unwrap());
    assert!(!gate.release(told[0], PATIENCE).await.unwrap());
    let mut batch = Jobs::open(&bus).await.unwrap().ask(4).await.unwrap();
    let job = batch.next().await.unwrap().unwrap();
    assert_eq!(job.payload(), "first");
    assert!(job.done().await);
    assert!(batch.next().await.unwrap().is_none(), "it went on twice");
}

#[tokio::test]
async fn a_parked_run_goes_on_for_a_letter_that_it_waits_for_and_for_no_other() {
    let server = Server::start();
    let bus = connect(&server, "registry-svc").await;
    topology::create(&bus, Storage::default()).await.unwrap();
    let run = RunId(Uuid::now_v7());
    let (mine, other) = (key("mine"), key("other"));
    let job = Bytes::from_static(b"job");
    // As many as a run waits for at most.
    let others = (1..1_000).map(|n| key(&format!("wait[{n}]")));
    let awaits: Vec<LetterKey> = others.chain([mine.clone()]).collect();
    bus.park(run, i64::MAX, &awaits, job, PATIENCE)
        .await
        .unwrap();
    let mut parking = Parking::watch(&bus).await.unwrap();
    let told = parking.next().await.unwrap().unwrap();
    assert_eq!((told.run, &told.awaits[..]), (run, &awaits[..]));
    let gate = parking.gate();
    let release = async |key| gate.release_for(run, key, PATIENCE).await.unwrap();
    assert_eq!(release(&other).await, None);
    assert_eq!(release(&mine).await, Some(told.parked.sequence));
    assert_eq!(release(&mine).await, None);
    assert!(waits_in_queue(&bus, run, PATIENCE).await.unwrap().unwrap());
    let unknown = RunId(Uuid::now_v7());
    let found = waits_in_queue(&bus, unknown, PATIENCE).await.unwrap();
    assert_eq!(found, Some(false));
    let mut batch = Jobs::open(&bus).await.unwrap().ask(1).await.unwrap();
    assert_eq!(batch.next().await.unwrap().unwrap().payload(), "job");
}

#[tokio::test]
async fn the_first_letter_for_a_place_stays_and_whoever_listens_hears_of_each() {
    let server = Server::start();
    let bus = connect(&server, "registry-svc").await;
    topology::create(&bus, Storage::default()).await.unwrap();
    let letters = Letters::new(bus.clone(), PATIENCE);
    let run = RunId(Uuid::now_v7());
    let (place, cancel) = (key("a.b > *"), LetterKey::cancel());
    let mut new = letters.watch(Heard::New).await.unwrap();
    let put = async |key, letter| letters.put(run, key, &letter, b"body").await.unwrap();
    assert!(put(&place, Letter::Cancel).await);
    assert!(!put(&place, Letter::Closed).await);
    assert!(put(&cancel, Letter::Cancel).await);
    let (letter, body) = letters.get(run, &place).await.unwrap().unwrap();
    assert_eq!((letter, &body[..]), (Letter::Cancel, &b"body"[..]));
    assert_eq!(letters.get(run, &key("other")).await.unwrap(), None);
    for wanted in [&place, &cancel] {
        let (heard, key, _) = new.next().await.unwrap().unwrap();
        assert_eq!((heard, &key), (run, wanted));
    }
    let mut cancels = letters.watch(Heard::Cancels).await.unwrap();
    let (heard, key, _) = cancels.next_there().await.unwrap().unwrap();
    assert_eq!((heard, key), (run, cancel.clone()));
    assert_eq!(cancels.next_there().await.unwrap(), None);
    letters.spend(run, &place).await.unwrap();
    let used = letters.get(run, &place).await.unwrap().unwrap();
    assert_eq!(used, (Letter::Used, Bytes::new()));
    assert!(!put(&place, Letter::Closed).await, "the place stays taken");
    letters
        .spend(run, &bus::letters::key("none"))
        .await
        .unwrap();
    letters.clear(run).await.unwrap();
    assert_eq!(letters.get(run, &place).await.unwrap(), None);
}
