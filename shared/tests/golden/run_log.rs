//! The messages of the run log.

use serde::Serialize;
use shared::frame::{pack, unpack};
use shared::ids::{ContentHash, EndpointId, InstanceId, RequestId, RunId, WorkflowId};
use shared::v1::registry::Page;
use shared::v1::run::RunMode;
use shared::v1::run_log::{
    FrameRecord, GetRun, ListRuns, LogLine, Payload, ReplyRecord, RunEnded, RunFound, RunLogBatch,
    RunRecord, RunState, RunSummary, StepEnd, StepRecord, Told, ToldRequest, UndefinedName,
};

use crate::frozen;
use crate::samples::ID;

fn payload() -> Payload {
    Payload {
        bytes: b"{\"a\":1}".to_vec(),
        size: 70_000,
        truncated: true,
    }
}

fn told() -> Told {
    Told {
        method: Some("POST".into()),
        url: Some("https://example.com/?token=***".into()),
        status: Some(200),
        headers: vec![("authorization".into(), "***".into())],
        body: Some(payload()),
    }
}

fn step() -> StepRecord {
    StepRecord {
        id: "fetch".into(),
        turn: Vec::new(),
        kind: "http_request".into(),
        end: StepEnd::Handled,
        error: Some("the response has status 500".into()),
        started_at_ms: 1_764_000_000_002,
        duration_us: 1_500,
        attempts: 2,
        input: Some(told()),
        output: Some(told()),
    }
}

fn record() -> RunRecord {
    RunRecord {
        run_id: RunId(ID),
        workflow_id: WorkflowId(ID),
        endpoint_id: EndpointId(ID),
        version: 4,
        content_hash: ContentHash([9; 32]),
        mode: RunMode::Async,
        state: RunState::Failed,
        trace_id: "0af7651916cd43dd8448eb211c80319c".into(),
        request_id: RequestId(ID),
        attempt: 1,
        received_at_ms: 1_764_000_000_000,
        started_at_ms: 1_764_000_000_001,
        ended_at_ms: Some(1_764_000_000_003),
        error: Some("step fetch: the response has status 500".into()),
        request: ToldRequest {
            method: "POST".into(),
            path: format!("/listener/{ID}"),
            query: "a=1".into(),
            headers: vec![("content-type".into(), "application/json".into())],
            body: payload(),
        },
        steps: vec![step()],
        lines: vec![LogLine {
            at_ms: 1_764_000_000_002,
            step: Some("fetch".into()),
            level: "warn".into(),
            text: "failed".into(),
        }],
        undefined: vec![UndefinedName {
            step: None,
            name: "__data.nope".into(),
            line: 1,
            column: 4,
        }],
        reply: Some(ReplyRecord {
            reply: Some(told()),
            by_gateway: true,
            frames: 30,
            first_frames: vec![FrameRecord {
                event: Some("tick".into()),
                id: Some("7".into()),
                data: payload(),
            }],
        }),
        replay_of: Some(RunId(ID)),
        left_out: 3,
        trigger: None,
    }
}

fn summary() -> RunSummary {
    RunSummary {
        run_id: RunId(ID),
        workflow_id: WorkflowId(ID),
        workflow: Some("orders".into()),
        endpoint_id: EndpointId(ID),
        version: 4,
        mode: RunMode::Sync,
        state: RunState::Running,
        trace_id: "0af7651916cd43dd8448eb211c80319c".into(),
        request_id: RequestId(ID),
        attempt: 1,
        received_at_ms: 1_764_000_000_000,
        started_at_ms: 1_764_000_000_001,
        ended_at_ms: Some(1_764_000_000_003),
        method: "POST".into(),
        status: Some(200),
        steps: 1,
        error: Some("it failed".into()),
        replay_of: Some(RunId(ID)),
        trigger: None,
    }
}

#[test]
fn what_is_told_and_asked_of_runs_reads_back() {
    let batch = RunLogBatch {
        runner: InstanceId(ID),
        records: vec![record()],
    };
    frozen("run_log_batch", &batch);
    for state in RunState::ALL {
        frozen(&format!("run_state_{}", state.as_str()), &state);
    }
    let list = ListRuns {
        workflow: Some("orders".into()),
        endpoint: Some(EndpointId(ID)),
        state: Some(RunState::Failed),
        from_ms: Some(1_764_000_000_000),
        to_ms: Some(1_765_000_000_000),
        text: Some("refused".into()),
        cursor: Some("AAAA".into()),
        limit: 50,
    };
    frozen("list_runs", &list);
    let page = Page {
        items: vec![summary()],
        next_cursor: None,
    };
    frozen("run_page", &page);
    frozen("get_run", &GetRun { run_id: RunId(ID) });
    let found = RunFound {
        run: summary(),
        record: record(),
    };
    frozen("run_found", &Some(found));
    let ended = RunEnded {
        run: summary(),
        words: "post orders".into(),
    };
    frozen("runs_ended", &vec![ended]);
    crate::schedules::told(&record(), &summary());
}

#[test]
fn a_record_of_an_older_or_newer_release_is_read_as_far_as_it_is_known() {
    #[derive(Serialize)]
    struct Other {
        run_id: RunId,
        workflow_id: WorkflowId,
        endpoint_id: EndpointId,
        version: u64,
        content_hash: ContentHash,
        mode: RunMode,
        state: RunState,
        trace_id: String,
        request_id: RequestId,
        received_at_ms: i64,
        started_at_ms: i64,
        of_tomorrow: Vec<u8>,
    }
    let known = record();
    let other = Other {
        run_id: known.run_id,
        workflow_id: known.workflow_id,
        endpoint_id: known.endpoint_id,
        version: 4,
        content_hash: known.content_hash,
        mode: known.mode,
        state: known.state,
        trace_id: known.trace_id.clone(),
        request_id: known.request_id,
        received_at_ms: 1,
        started_at_ms: 2,
        of_tomorrow: vec![1],
    };
    let read: RunRecord = unpack(&pack(&other).unwrap()).unwrap();
    assert_eq!((read.run_id, read.ended_at_ms), (known.run_id, None));
    assert_eq!((read.steps, read.request), (vec![], ToldRequest::default()));
}
