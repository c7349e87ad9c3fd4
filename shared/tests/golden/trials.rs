//! Replays and test runs.

use shared::ids::{ContentHash, RunId, TokenId, WorkflowId};
use shared::v1::run_log::{AnswerRecord, ListRuns, RunRecord};
use shared::v1::trials::{Against, Given, GivenBody, ReplayRun, Started, TestRun, Trial};

use crate::frozen;
use crate::run_log::{payload, record};
use crate::samples::ID;

fn given() -> Given {
    Given {
        method: Some("PUT".into()),
        query: Some("a=1".into()),
        headers: Some(vec![("x-a".into(), "1".into())]),
        body: Some(GivenBody {
            bytes: b"{\"a\":1}".to_vec(),
            content_type: Some("application/json".into()),
        }),
        claims: Some("{\"sub\":\"7\"}".into()),
    }
}

#[test]
fn what_is_asked_of_a_replay_or_a_test_run_reads_back() {
    let replay = ReplayRun {
        origin: RunId(ID),
        run_id: RunId(ID),
        payload: Some(given()),
        against: Against::Origin,
        recorded: true,
        actor: TokenId(ID),
    };
    frozen("replay_run", &replay);
    let test = TestRun {
        workflow_id: WorkflowId(ID),
        run_id: RunId(ID),
        payload: given(),
        recorded: Some(RunId(ID)),
        actor: TokenId(ID),
    };
    frozen("test_run", &test);
    let started = Started {
        run_id: RunId(ID),
        workflow_id: WorkflowId(ID),
        version: 4,
        content_hash: ContentHash([9; 32]),
        masked: vec!["body.password".into()],
        absent: vec!["__data.__jwt".into()],
    };
    frozen("run_started", &started);
    let trial = Trial {
        against: Against::Draft,
        document: Some("{}".into()),
        recorded: Some(RunId(ID)),
    };
    frozen("trial", &trial);
    for against in Against::ALL {
        frozen(&format!("against_{}", against.as_str()), &against);
        assert_eq!(Against::named(against.as_str()), Some(against));
    }
}

#[test]
fn what_the_run_log_keeps_of_them_reads_back() {
    let mut known = record();
    known.request.authenticated = true;
    let record = RunRecord {
        answers: vec![AnswerRecord {
            step: Some("count".into()),
            value: payload(),
            error: Some("no such number".into()),
        }],
        against: Some(Against::Published),
        recorded_run: Some(RunId(ID)),
        ..known
    };
    frozen("run_record_of_trial", &record);
    let list = ListRuns {
        replay_of: Some(RunId(ID)),
        test: Some(true),
        limit: 50,
        ..ListRuns::default()
    };
    frozen("list_runs_of_trials", &list);
}
