//! The run log.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use registry_svc::store::{NOT_HEARD_OF, NOT_TOLD, NewRun, RunFilter, Store};
use shared::ids::{EndpointId, RequestId, RunId, WorkflowId};
use shared::v1::run::RunMode;
use shared::v1::run_log::{RunState, RunSummary, words};
use shared::v1::trials::Against;
use uuid::Uuid;

use super::samples::workflow;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Noon of a day.
const NOON: i64 = 20_000 * DAY + DAY / 2;

fn run(started_at_ms: i64, state: RunState) -> NewRun {
    NewRun {
        summary: RunSummary {
            run_id: RunId(Uuid::now_v7()),
            workflow_id: WorkflowId(Uuid::nil()),
            workflow: None,
            endpoint_id: EndpointId(Uuid::nil()),
            version: 3,
            mode: RunMode::Async,
            state,
            trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
            request_id: RequestId(Uuid::now_v7()),
            attempt: 0,
            received_at_ms: started_at_ms - 1,
            started_at_ms,
            ended_at_ms: state.is_final().then_some(started_at_ms + 5),
            method: "POST".to_owned(),
            status: Some(201),
            steps: 2,
            error: (state == RunState::Failed).then(|| "step a: refused".to_owned()),
            replay_of: Some(RunId(Uuid::nil())),
            trigger: None,
            against: Some(Against::Published),
        },
        words: String::new(),
        record: vec![1, 0, 255],
    }
}

/// A run that has ended.
pub(super) fn ended() -> NewRun {
    let mut ended = run(NOON, RunState::Succeeded);
    ended.summary.workflow_id = WorkflowId(Uuid::now_v7());
    ended
}

fn newest(limit: u32) -> RunFilter {
    RunFilter {
        limit,
        ..RunFilter::default()
    }
}

async fn ids<S: Store>(store: &S, filter: RunFilter) -> Vec<RunId> {
    let found = store.runs(&filter).await.unwrap();
    found.iter().map(|run| run.run_id).collect()
}

pub(crate) async fn a_run_reads_back_with_its_record_and_is_stored_once<S: Store>(store: &S) {
    let owner = workflow("orders");
    store.create(&owner).await.unwrap();
    let mut new = run(NOON, RunState::Failed);
    new.summary.workflow_id = owner.id;
    let id = new.summary.run_id;
    for ended in [vec![(id, NOON)], vec![]] {
        let put = store.put_runs(std::slice::from_ref(&new)).await.unwrap();
        assert_eq!(Vec::from_iter(put), ended, "the second time it is no news");
    }
    let mut shown = new.summary.clone();
    shown.workflow = Some("orders".to_owned());
    assert_eq!(
        store.run(id).await.unwrap(),
        Some((shown.clone(), new.record))
    );
    assert_eq!(store.runs(&newest(9)).await.unwrap(), [shown]);
    let asked = BTreeSet::from([owner.id, WorkflowId(Uuid::now_v7())]);
    let names = BTreeMap::from([(owner.id, "orders".to_owned())]);
    assert_eq!(store.names(&asked).await.unwrap(), names);
    let other = RunId(Uuid::now_v7());
    assert_eq!(store.run(other).await.unwrap(), None);
    assert_eq!(store.put_runs(&[]).await.unwrap(), BTreeMap::new());
}

pub(crate) async fn a_run_that_has_ended_never_changes_again<S: Store>(store: &S) {
    let mut running = run(NOON, RunState::Running);
    let mut ended = running.clone();
    ended.summary.state = RunState::Succeeded;
    ended.summary.ended_at_ms = Some(NOON + 9);
    ended.record = vec![2];
    let id = running.summary.run_id;
    assert_eq!(
        store.put_runs(&[running.clone()]).await.unwrap(),
        BTreeMap::new()
    );
    // Begun again on another runner, later, on another day: its place in the list stays.
    ended.summary.started_at_ms += DAY;
    ended.summary.attempt = 1;
    assert_eq!(
        store.put_runs(&[ended.clone()]).await.unwrap(),
        [(id, NOON)].into()
    );
    running.summary.attempt = 7;
    let mut failed = ended.clone();
    failed.summary.state = RunState::Failed;
    failed.summary.attempt = 8;
    for late in [running, failed] {
        assert_eq!(store.put_runs(&[late]).await.unwrap(), BTreeMap::new());
    }
    let (summary, record) = store.run(id).await.unwrap().unwrap();
    assert_eq!((summary.state, summary.attempt), (RunState::Succeeded, 1));
    assert_eq!((summary.started_at_ms, record), (NOON, vec![2]));
}

pub(crate) async fn what_a_runner_tells_of_the_end_counts_more_than_a_closing<S: Store>(store: &S) {
    for why in [NOT_TOLD, NOT_HEARD_OF] {
        let running = run(NOON, RunState::Running);
        let mut closed = running.clone();
        closed.summary.state = RunState::Failed;
        closed.summary.ended_at_ms = Some(NOON + 900);
        closed.summary.error = Some(why.to_owned());
        let mut told = running.clone();
        told.summary.state = RunState::Succeeded;
        told.summary.ended_at_ms = Some(NOON + 9);
        told.record = vec![2];
        let mut later = told.clone();
        later.summary.state = RunState::Failed;
        let id = running.summary.run_id;
        for (put, is_news, stands) in [
            (&running, false, &running),
            (&closed, true, &closed),
            (&running, false, &closed),
            // By another registry-svc.
            (&closed, false, &closed),
            (&told, true, &told),
            (&closed, false, &told),
            (&later, false, &told),
        ] {
            let news = store.put_runs(std::slice::from_ref(put)).await.unwrap();
            assert_eq!(news.contains_key(&id), is_news);
            let there = store.run(id).await.unwrap().unwrap();
            assert_eq!(there, (stands.summary.clone(), stands.record.clone()));
        }
    }
}

pub(crate) async fn an_older_attempt_says_nothing_about_a_newer_one<S: Store>(store: &S) {
    let mut second = run(NOON, RunState::Running);
    second.summary.attempt = 1;
    let mut first = second.clone();
    first.summary.attempt = 0;
    first.record = vec![9];
    let id = second.summary.run_id;
    store.put_runs(&[second.clone()]).await.unwrap();
    store.put_runs(&[first]).await.unwrap();
    let (summary, record) = store.run(id).await.unwrap().unwrap();
    assert_eq!((summary.attempt, record), (1, second.record));
}

pub(crate) async fn of_two_records_of_a_run_in_one_batch_the_last_word_counts<S: Store>(store: &S) {
    let running = run(NOON, RunState::Running);
    let mut ended = running.clone();
    ended.summary.state = RunState::Cancelled;
    ended.summary.ended_at_ms = Some(NOON);
    let id = running.summary.run_id;
    let batch = [running.clone(), ended, running];
    assert_eq!(store.put_runs(&batch).await.unwrap(), [(id, NOON)].into());
    let (summary, _) = store.run(id).await.unwrap().unwrap();
    assert_eq!(summary.state, RunState::Cancelled);
}

pub(crate) async fn many_that_store_at_once_do_not_hinder_each_other<S: Store>(store: &S) {
    let runs: Vec<_> = (0..40)
        .map(|n| run(NOON + (n % 4) * DAY, RunState::Succeeded))
        .collect();
    // The same batches twice at once, as after a redelivery.
    let batches = runs.chunks(10).chain(runs.chunks(10));
    let stored = join_all(batches.map(|batch| store.put_runs(batch))).await;
    let ended: usize = stored
        .iter()
        .map(|ended| ended.as_ref().unwrap().len())
        .sum();
    assert_eq!(ended, 40, "each has ended once");
    assert_eq!(store.runs(&newest(200)).await.unwrap().len(), 40);
}

pub(crate) async fn runs_come_page_by_page_and_newest_first<S: Store>(store: &S) {
    // Two of each moment: their ids decide.
    let mut runs: Vec<_> = (0..10)
        .map(|n| run(NOON + n / 2, RunState::Succeeded))
        .collect();
    store.put_runs(&runs).await.unwrap();
    runs.sort_by_key(|run| {
        std::cmp::Reverse((run.summary.started_at_ms, run.summary.run_id.to_string()))
    });
    let wanted: Vec<_> = runs.iter().map(|run| run.summary.run_id).collect();
    let mut filter = newest(3);
    let mut all = Vec::new();
    loop {
        let page = store.runs(&filter).await.unwrap();
        let Some(last) = page.last() else { break };
        filter.after = Some((last.started_at_ms, last.run_id));
        all.extend(page.iter().map(|run| run.run_id));
    }
    assert_eq!(all, wanted);
}

pub(crate) async fn runs_filter_by_workflow_endpoint_state_and_time<S: Store>(store: &S) {
    let mut runs: Vec<_> = [RunState::Succeeded, RunState::Failed, RunState::Running]
        .into_iter()
        .zip(0..)
        .map(|(state, n)| run(NOON + n, state))
        .collect();
    let (mine, called) = (WorkflowId(Uuid::now_v7()), EndpointId(Uuid::now_v7()));
    runs[0].summary.workflow_id = mine;
    runs[1].summary.endpoint_id = called;
    store.put_runs(&runs).await.unwrap();
    let id = |n: usize| runs[n].summary.run_id;
    let filters: [(RunFilter, Vec<RunId>); 6] = [
        (
            RunFilter {
                workflow: Some(mine),
                ..newest(9)
            },
            vec![id(0)],
        ),
        (
            RunFilter {
                endpoint: Some(called),
                ..newest(9)
            },
            vec![id(1)],
        ),
        (
            RunFilter {
                state: Some(RunState::Running),
                ..newest(9)
            },
            vec![id(2)],
        ),
        (
            RunFilter {
                from_ms: Some(NOON + 1),
                ..newest(9)
            },
            vec![id(2), id(1)],
        ),
        (
            RunFilter {
                to_ms: Some(NOON + 1),
                ..newest(9)
            },
            vec![id(0)],
        ),
        (
            RunFilter {
                workflow: Some(mine),
                state: Some(RunState::Failed),
                ..newest(9)
            },
            vec![],
        ),
    ];
    for (filter, wanted) in filters {
        assert_eq!(ids(store, filter.clone()).await, wanted, "{filter:?}");
    }
}

pub(crate) async fn runs_filter_by_what_they_repeat_and_whether_they_are_tests<S: Store>(
    store: &S,
) {
    let mut runs: Vec<_> = (0..4).map(|n| run(NOON + n, RunState::Succeeded)).collect();
    let id: Vec<RunId> = runs.iter().map(|run| run.summary.run_id).collect();
    let (origin, other) = (id[0], RunId(Uuid::now_v7()));
    for (run, (of, against)) in runs.iter_mut().zip([
        (None, None),
        (Some(origin), Some(Against::Published)),
        (Some(origin), Some(Against::Draft)),
        (Some(other), Some(Against::Origin)),
    ]) {
        (run.summary.replay_of, run.summary.against) = (of, against);
    }
    store.put_runs(&runs).await.unwrap();
    for (replay_of, test, wanted) in [
        (Some(origin), None, vec![id[2], id[1]]),
        (Some(origin), Some(true), vec![id[2]]),
        (Some(other), None, vec![id[3]]),
        (Some(id[1]), None, vec![]),
        (None, Some(true), vec![id[2]]),
        (None, Some(false), vec![id[3], id[1], id[0]]),
    ] {
        let filter = RunFilter {
            replay_of,
            test,
            ..newest(9)
        };
        assert_eq!(ids(store, filter.clone()).await, wanted, "{filter:?}");
    }
    let (shown, _) = store.run(id[2]).await.unwrap().unwrap();
    assert_eq!(shown, runs[2].summary);
}

pub(crate) async fn a_search_wants_the_beginning_of_a_word_for_each_of_its_own<S: Store>(
    store: &S,
) {
    let texts = ["connection refused by ÄRGER 17", "refused", "nothing"];
    let mut runs: Vec<_> = (0..3).map(|n| run(NOON + n, RunState::Failed)).collect();
    for (run, text) in runs.iter_mut().zip(texts) {
        run.words = words(text).join(" ");
    }
    store.put_runs(&runs).await.unwrap();
    let id = |n: usize| runs[n].summary.run_id;
    let search = |text: &str| RunFilter {
        words: words(text),
        ..newest(9)
    };
    for (text, wanted) in [
        ("REFUSED", vec![id(1), id(0)]),
        ("refu", vec![id(1), id(0)]),
        ("ärg conn", vec![id(0)]),
        ("17", vec![id(0)]),
        ("efused", vec![]),
        ("refused nothing", vec![]),
    ] {
        assert_eq!(ids(store, search(text)).await, wanted, "{text}");
    }
    let mut one = search("refused");
    one.limit = 1;
    assert_eq!(ids(store, one.clone()).await, [id(1)]);
    one.after = Some((NOON + 1, id(1)));
    assert_eq!(ids(store, one).await, [id(0)]);
    // What a run is found by changes with it.
    let mut running = run(NOON, RunState::Running);
    running.words = "early".to_owned();
    let mut ended = running.clone();
    ended.summary.ended_at_ms = Some(NOON);
    ended.words = "late".to_owned();
    store.put_runs(&[running.clone()]).await.unwrap();
    store.put_runs(&[ended]).await.unwrap();
    assert_eq!(ids(store, search("early")).await, []);
    assert_eq!(ids(store, search("late")).await, [running.summary.run_id]);
}

pub(crate) async fn old_runs_go_by_whole_days_and_others_stay<S: Store>(store: &S) {
    let mut runs: Vec<_> = (0..4)
        .map(|n| run(NOON + n * DAY, RunState::Succeeded))
        .collect();
    for run in &mut runs {
        run.words = "word".to_owned();
    }
    store.put_runs(&runs).await.unwrap();
    assert_eq!(store.drop_runs(20_002).await.unwrap(), 2);
    assert_eq!(store.drop_runs(20_002).await.unwrap(), 0);
    let id = |n: usize| runs[n].summary.run_id;
    assert_eq!(ids(store, newest(9)).await, [id(3), id(2)]);
    let found = RunFilter {
        words: vec!["word".to_owned()],
        ..newest(9)
    };
    assert_eq!(ids(store, found).await, [id(3), id(2)]);
    assert_eq!(store.run(id(1)).await.unwrap(), None);
    assert!(store.run(id(2)).await.unwrap().is_some());
    // A day that was dropped can come again.
    store.put_runs(&[runs[0].clone()]).await.unwrap();
    assert!(store.run(id(0)).await.unwrap().is_some());
}

pub(crate) async fn a_workflow_is_found_by_its_name<S: Store>(store: &S) {
    let new = workflow("orders");
    store.create(&new).await.unwrap();
    assert_eq!(store.workflow_named("orders").await.unwrap(), Some(new.id));
    assert_eq!(store.workflow_named("other").await.unwrap(), None);
}
