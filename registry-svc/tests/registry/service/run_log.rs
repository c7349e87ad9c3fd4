//! The run log from the stream to the answers.

use bytes::Bytes;
use shared::codes::Code;
use shared::frame;
use shared::ids::{ContentHash, EndpointId, InstanceId, RequestId, RunId, WorkflowId};
use shared::subjects;
use shared::v1::run::RunMode;
use shared::v1::run_log::{GetRun, ListRuns, RunLogBatch, RunRecord, RunState, ToldRequest};
use uuid::Uuid;

use super::platform::{Platform, SOON};

fn record(error: Option<&str>) -> RunRecord {
    let now = ops::clock::now_ms();
    RunRecord {
        run_id: RunId(Uuid::now_v7()),
        workflow_id: WorkflowId(Uuid::nil()),
        endpoint_id: EndpointId(Uuid::nil()),
        version: 1,
        content_hash: ContentHash([1; 32]),
        mode: RunMode::Sync,
        state: RunState::Failed,
        trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
        request_id: RequestId(Uuid::now_v7()),
        attempt: 0,
        received_at_ms: now,
        started_at_ms: now,
        ended_at_ms: Some(now),
        error: error.map(str::to_owned),
        request: ToldRequest {
            method: "POST".to_owned(),
            query: "order=17\0".to_owned(),
            ..ToldRequest::default()
        },
        steps: Vec::new(),
        lines: Vec::new(),
        undefined: Vec::new(),
        reply: None,
        replay_of: None,
        left_out: 0,
        trigger: None,
    }
}

async fn tell(platform: &Platform, id: &str, payload: Bytes) {
    let subject = subjects::RUN_LOG.to_owned();
    platform
        .bus
        .store(subject, id, payload, SOON)
        .await
        .unwrap();
}

fn batch(records: Vec<RunRecord>) -> Bytes {
    let runner = InstanceId(Uuid::nil());
    frame::pack(&RunLogBatch { runner, records }).unwrap()
}

fn list() -> ListRuns {
    ListRuns {
        limit: 50,
        ..ListRuns::default()
    }
}

async fn listed(platform: &Platform, wanted: usize) {
    testkit::until(SOON, "runs in the list", async || {
        let page = platform.ask(list()).await.ok()?;
        (page.items.len() == wanted).then_some(())
    })
    .await;
}

async fn what_is_told_is_found(platform: Platform) {
    let told = record(Some("refused\0 by the other side"));
    tell(&platform, "1", batch(vec![told.clone(), record(None)])).await;
    // Told twice, as after a redelivery.
    tell(&platform, "2", batch(vec![told.clone()])).await;
    listed(&platform, 2).await;
    let found = platform
        .ask(GetRun {
            run_id: told.run_id,
        })
        .await
        .unwrap();
    assert_eq!(found.unwrap().record, told);
    let unknown = GetRun {
        run_id: RunId(Uuid::now_v7()),
    };
    assert_eq!(platform.ask(unknown).await.unwrap(), None);
    for (text, wanted) in [("REFUSED", 1), ("order 17", 2), ("nowhere", 0)] {
        let text = Some(text.to_owned());
        let page = platform.ask(ListRuns { text, ..list() }).await.unwrap();
        assert_eq!(page.items.len(), wanted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runners_tell_is_found_on_sqlite() {
    Box::pin(what_is_told_is_found(Platform::start().await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runners_tell_is_found_on_postgres() {
    Box::pin(what_is_told_is_found(Platform::start_on_postgres().await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_cannot_be_read_holds_up_no_other() {
    let platform = Platform::start().await;
    tell(&platform, "1", Bytes::from_static(b"of tomorrow")).await;
    tell(&platform, "2", batch(vec![record(None)])).await;
    listed(&platform, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_end_where_there_is_no_more_and_nonsense_is_refused() {
    let platform = Platform::start().await;
    let mut records = Vec::new();
    for n in 0..5 {
        let mut record = record(None);
        record.started_at_ms += n;
        records.push(record);
    }
    tell(&platform, "1", batch(records.clone())).await;
    listed(&platform, 5).await;
    let mut ask = ListRuns { limit: 2, ..list() };
    let mut ids = Vec::new();
    loop {
        let page = platform.ask(ask.clone()).await.unwrap();
        ids.extend(page.items.iter().map(|run| run.run_id));
        ask.cursor = page.next_cursor;
        if ask.cursor.is_none() {
            break;
        }
    }
    let wanted: Vec<_> = records.iter().rev().map(|record| record.run_id).collect();
    assert_eq!(ids, wanted);
    let unknown = ListRuns {
        workflow: Some("nobody".to_owned()),
        ..list()
    };
    assert_eq!(platform.ask(unknown).await.unwrap().items, []);
    for wrong in [
        ListRuns { limit: 0, ..list() },
        ListRuns {
            cursor: Some("AAAA".to_owned()),
            ..list()
        },
        ListRuns {
            text: Some(" - ".to_owned()),
            ..list()
        },
    ] {
        assert_eq!(platform.refused(wrong).await.code, Code::InvalidRequest);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_while_no_registry_was_there_is_stored_at_its_start() {
    let mut platform = Platform::start().await;
    platform.stop_registry().await;
    tell(&platform, "1", batch(vec![record(None)])).await;
    let (registry, _) = platform.start_another().await;
    platform.registry = Some(registry);
    listed(&platform, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_the_operator_wants_is_gone_after_a_start() {
    let mut platform = Platform::start().await;
    let day = 24 * 60 * 60 * 1000;
    let mut records = vec![record(None), record(None), record(None)];
    records[0].started_at_ms -= 9 * day;
    records[1].started_at_ms -= 6 * day;
    tell(&platform, "1", batch(records)).await;
    listed(&platform, 3).await;
    platform.stop_registry().await;
    let (registry, _) = platform.start_another().await;
    platform.registry = Some(registry);
    listed(&platform, 2).await;
}
